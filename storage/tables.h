#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "tthc/storage/v1/records.pb.h"

// The tables of the store: one for each kind of record. A table names the type of its key, the message that its records
// are, and how a key is spelled in bytes.
//
// Everything that reads and writes records takes the table as a template argument: StoreReader::Get, StoreWrites::Put,
// StagedRecords and CommitScope::Find and Put. A new kind of record is therefore its message in records.proto, its
// table here with its place in StagedRecords below, and the capability that uses it.
//
// A table is a type with three members:
//   Key        what identifies a record; keys are ordered as their bytes are, or nearly so
//   Record     the message, tthc.storage.v1.…; tests hold its golden bytes
//   EncodeKey  the bytes of a key, by storage/schema/keys.h: never changed once released
// It is never instantiated.
//
// docs/storage_format.md has the bytes of the keys. Tables have no state and are thread-safe; only Staging, at the end
// of this file, is not.
namespace tthc::storage {

// Uids, codes and aliases of dossiers, in the spelling of CanonicalCode(), with the number of the dossier. A key never
// changes its owner.
struct Codes {
  using Key = std::string;
  using Record = v1::CodeRecord;
  // `code` in that spelling.
  static std::string EncodeKey(const Key& code);
};

// Durable counters by their names, such as the one of the codes that an office has issued on a day.
struct Counters {
  using Key = std::string;
  using Record = v1::CounterRecord;
  static std::string EncodeKey(const Key& name);
};

// Commands that were carried out, by their request ids: the revisions that they wrote, and a hash of their content.
// Kept for limits::kRequestIdRetention.
struct Requests {
  using Key = std::string;
  using Record = v1::RequestRecord;
  static std::string EncodeKey(const Key& request_id);
};

// The catalogue as last written: resource name and version, 0 where a resource has no versions. The record is a copy of
// the log record that wrote the entry, so that a start reads the catalogue without scanning the log.
struct CatalogueEntries {
  using Key = std::pair<std::string, int32_t>;
  using Record = v1::LogRecord;
  static std::string EncodeKey(const Key& key);
  // The key of an entry. The record must hold one: a procedure, a field, an office, a unit, an officer, a calendar, a
  // scheme or a closing; anything else is an error of the programmer and aborts.
  static Key KeyOf(const Record& record);
};

// Targets of the mirror by their ids, such as "dvcqg": leases, decisions and positions. Never deleted.
struct MirrorTargets {
  using Key = std::string;
  using Record = v1::MirrorTargetRecord;
  static std::string EncodeKey(const Key& target_id);
};

// One dossier at one target: number of the target (MirrorTargetRecord.number), number of the dossier. Keys of one
// target lie together, in the order of its dossiers.
using MirrorItemKey = std::pair<uint32_t, int64_t>;

// What the target has confirmed of a dossier, and why the rest is not confirmed. A dossier without an item is pending,
// or excluded if it is older than the target's first dossier.
struct MirrorItems {
  using Key = MirrorItemKey;
  using Record = v1::MirrorItemRecord;
  static std::string EncodeKey(const Key& key);
};

// The last exchanges of an item, for people who look into a failure. Losing them loses no state.
struct MirrorExchanges {
  using Key = MirrorItemKey;
  using Record = v1::MirrorExchangesRecord;
  static std::string EncodeKey(const Key& key);
};

// Items whose state does not follow from the position of their target: state and state_revision only, which is what a
// start reads of them. It reads these instead of an item for every dossier. Written and deleted with the item.
struct MirrorAttention {
  using Key = MirrorItemKey;
  using Record = v1::MirrorItemRecord;
  static std::string EncodeKey(const Key& key);
};

// Records that were decided and are not written yet, by table: each is put or deleted. Later decisions read earlier
// ones here before they read the store (read your own writes).
//
// The rows of a table are kept in the order of their keys, so that a commit writes them in that order and the same
// commands always give the same batch. The commit scope has one Staging for each command, merges it into that of the
// batch when the command has decided, and drops it when the command is refused. Not thread-safe.
template <typename... Tables>
class Staging {
 public:
  // By key. nullopt: the record is to be deleted.
  template <typename Table>
  using Rows = std::map<typename Table::Key, std::optional<typename Table::Record>>;

  // What was decided about a record: a record, or nullopt if it is to be deleted. nullptr: nothing, so the layer below
  // decides. Valid until the next change.
  template <typename Table>
  const std::optional<typename Table::Record>* Find(const typename Table::Key& key) const {
    const auto found = rows<Table>().find(key);
    return found == rows<Table>().end() ? nullptr : &found->second;
  }
  // Replaces what was decided about the record.
  template <typename Table>
  void Put(const typename Table::Key& key, typename Table::Record record) {
    std::get<Slot<Table>>(tables_).rows[key] = std::move(record);
  }
  // The record need not exist.
  template <typename Table>
  void Delete(const typename Table::Key& key) {
    std::get<Slot<Table>>(tables_).rows[key] = std::nullopt;
  }

  // Everything that was decided about one table.
  template <typename Table>
  const Rows<Table>& rows() const {
    return std::get<Slot<Table>>(tables_).rows;
  }
  // Nothing was decided about any table.
  bool empty() const { return (rows<Tables>().empty() && ...); }

  // Takes over what `later` decided, which replaces what was decided here about the same records.
  void Merge(Staging later) { (MergeTable<Tables>(later), ...); }

  // Adds everything to `writes`, a StoreWrites: its Put and Delete take the table, too.
  template <typename Writes>
  void WriteTo(Writes& writes) const {
    (WriteTable<Tables>(writes), ...);
  }

 private:
  // Two tables may have rows of the same type (items and attention have), so each gets a slot of its own type, by which
  // std::get finds it.
  template <typename Table>
  struct Slot {
    Rows<Table> rows;
  };

  // The steps of Merge and WriteTo for one table.
  template <typename Table>
  void MergeTable(Staging& later) {
    Rows<Table>& from = std::get<Slot<Table>>(later.tables_).rows;
    // merge() keeps what is there: merging into the later rows and taking those gives the later ones precedence.
    from.merge(std::get<Slot<Table>>(tables_).rows);
    std::get<Slot<Table>>(tables_).rows = std::move(from);
  }
  template <typename Table, typename Writes>
  void WriteTable(Writes& writes) const {
    for (const auto& [key, record] : rows<Table>()) {
      if (record.has_value()) {
        writes.template Put<Table>(key, *record);
      } else {
        writes.template Delete<Table>(key);
      }
    }
  }

  // One slot for each table.
  std::tuple<Slot<Tables>...> tables_;
};

// All tables that commands write through a CommitScope; a new one is added here. The log, dossiers and names are apart:
// the commit pipeline numbers and completes them when it writes.
using StagedRecords =
    Staging<Codes, Counters, Requests, CatalogueEntries, MirrorTargets, MirrorItems, MirrorExchanges, MirrorAttention>;

}  // namespace tthc::storage
