#pragma once

#include <string>

#include "client/sample/random.h"
#include "tthc/v1/event.pb.h"

// Invented applicants who look like those of a commune near Hải Phòng. No number can belong to a real person: identity
// numbers begin with 000, which no province has, phone numbers with 0990, which no network has, and tax codes with 99,
// which no province has had.
// Pure but for `random`: the same state of it makes the same person. Names are common ones, so they may be those of
// real people; nothing else is.
namespace tthc::sample {

enum class Sex { kMale, kFemale };

// Family, middle and given names by their frequency in the north of the country.
std::string MakeName(Random& random, Sex sex);

v1::Applicant MakeCitizen(Random& random);
v1::Applicant MakeHouseholdBusiness(Random& random);
v1::Applicant MakeEnterprise(Random& random);

// The same name as a hurried clerk may type it: without a syllable, or with another given name.
std::string Mistype(Random& random, const std::string& name);

}  // namespace tthc::sample
