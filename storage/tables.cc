#include "storage/tables.h"

#include "absl/strings/str_cat.h"
#include "storage/base/check.h"
#include "storage/schema/keys.h"

namespace tthc::storage {

std::string Codes::EncodeKey(const Key& code) { return CodeKey(code); }

std::string Counters::EncodeKey(const Key& name) { return CounterKey(name); }

std::string Requests::EncodeKey(const Key& request_id) { return RequestKey(request_id); }

std::string CatalogueEntries::EncodeKey(const Key& key) { return CatalogueKey(key.first, key.second); }

std::string MirrorTargets::EncodeKey(const Key& target_id) { return MirrorTargetKey(target_id); }

std::string MirrorItems::EncodeKey(const Key& key) { return MirrorKey(KeyKind::kMirrorItem, key.first, key.second); }

std::string MirrorExchanges::EncodeKey(const Key& key) {
  return MirrorKey(KeyKind::kMirrorExchanges, key.first, key.second);
}

std::string MirrorAttention::EncodeKey(const Key& key) {
  return MirrorKey(KeyKind::kMirrorAttention, key.first, key.second);
}

CatalogueEntries::Key CatalogueEntries::KeyOf(const Record& record) {
  switch (record.change_case()) {
    case Record::kProcedure:
      return {record.procedure().name(), record.procedure().version()};
    case Record::kField:
      return {record.field().name(), 0};
    case Record::kOffice:
      return {record.office().name(), 0};
    case Record::kUnit:
      return {record.unit().name(), 0};
    case Record::kOfficer:
      return {record.officer().name(), 0};
    case Record::kCalendar:
      // A version of the calendar is a resource of its own name.
      return {absl::StrCat("calendars/", record.calendar().version()), 0};
    case Record::kScheme:
      return {record.scheme().name(), 0};
    case Record::kClosing:
      return {record.closing().name(), 0};
    case Record::kEvent:
    case Record::kMirrorDecision:
    case Record::CHANGE_NOT_SET:
      break;
  }
  // These are in the log only.
  TTHC_CHECK(false);
  return {};
}

}  // namespace tthc::storage
