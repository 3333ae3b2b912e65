#pragma once

#include <cstdint>
#include <vector>

#include "tthc/v1/statistics.pb.h"

// The counting rules of form 06a, in versions: which metrics each column of the form is the sum of.
//
// A closing keeps the version of the rules that its figures were made with, and is checked with the same version for
// ever. So when a circular or a decision changes what a column counts, the rules here are not edited: a new version is
// added to the table in the .cc file, and new closings and reports use it. If it needs something of a dossier that is
// not counted yet, that becomes a new metric, and the metrics of the old version stay what they are.
//
// Pure; thread-safe.
namespace tthc::server {

struct Report06aRules {
  // One addend of a column.
  struct Addend {
    // Number of the column on the form: 4, 5, 6, 8, 9, 10, 12 or 13. The others are sums of these.
    int column = 0;
    v1::Metric metric = v1::METRIC_UNSPECIFIED;
    // 1, or -1 for what is taken off.
    int sign = 1;
  };

  // From 1 on; stored as Closing.rule_version.
  int32_t version = 0;
  // By column, rising.
  std::vector<Addend> addends;
};

// The rules of new reports and closings: the highest version.
const Report06aRules& CurrentReport06aRules();

// nullptr for a version that this server does not know, since a newer one made it. 0 stands for the rules of before
// versions were kept: those of version 1.
const Report06aRules* FindReport06aRules(int32_t version);

}  // namespace tthc::server
