#include "server/domain/presentation.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/testing/sample_events.h"

namespace tthc::domain {
namespace {

using testing::History;

TEST(Presentation, NamesComeFromTheUid) {
  v1::Dossier dossier;
  dossier.set_name(DossierNameOfUid("0123456789bcdfgh"));
  dossier.set_code("H24.99.1-260821-0001");
  EXPECT_EQ(DossierName(dossier), "dossiers/0123456789bcdfgh");
  EXPECT_EQ(UidOf(dossier), "0123456789bcdfgh");
  v1::Event event;
  event.set_revision(42);
  PresentEvent(dossier, event);
  EXPECT_EQ(event.name(), "dossiers/0123456789bcdfgh/events/42");
}

TEST(Presentation, TheEtagIsTheRevisionInQuotes) {
  v1::Dossier dossier;
  dossier.set_revision(42);
  SetEtag(dossier);
  EXPECT_EQ(dossier.etag(), "\"r42\"");
  EXPECT_EQ(EtagOf(dossier), EtagOfRevision(42));
}

TEST(Presentation, PeopleSeeTheCodeThenTheSubmissionCodeThenAnAlias) {
  v1::Dossier dossier;
  EXPECT_EQ(CodeForPeople(dossier), "");
  dossier.add_aliases("G22.99-1");
  EXPECT_EQ(CodeForPeople(dossier), "G22.99-1");
  dossier.set_submission_code("H24.99.1-260821-T0001");
  EXPECT_EQ(CodeForPeople(dossier), "H24.99.1-260821-T0001");
  dossier.set_code("H24.99.1-260821-0001");
  EXPECT_EQ(CodeForPeople(dossier), "H24.99.1-260821-0001");
}

// Before acceptance the newest version gives the display name, after it the frozen one.
TEST(Presentation, TheDisplayNameIsThatOfTheFrozenVersion) {
  Catalogue catalogue;
  for (const int version : {1, 2}) {
    storage::v1::LogRecord record;
    record.mutable_procedure()->set_name(testing::kThreeDays);
    record.mutable_procedure()->set_version(version);
    record.mutable_procedure()->set_display_name("v" + std::to_string(version));
    ASSERT_TRUE(catalogue.Add(record).ok());
  }
  v1::Dossier submitted = History().On("2026-08-20T22:00", v1::Event::kSubmitted).Fold();
  Present(catalogue, submitted);
  EXPECT_EQ(submitted.procedure_display_name(), "v2");
  v1::Dossier accepted = History().On("2026-08-21T09:15", v1::Event::kAccepted).Fold();
  Present(catalogue, accepted);
  EXPECT_EQ(accepted.procedure_display_name(), "v1");
}

}  // namespace
}  // namespace tthc::domain
