#pragma once

#include <string>

#include "client/sample/random.h"
#include "tthc/v1/event.pb.h"

// Applicants who look like those of a commune near Hải Phòng and are nobody: identity numbers begin with 000, which no
// province has, phone numbers with 0990, which no network has, tax codes with 99, which no province had.
namespace tthc::sample {

enum class Sex { kMale, kFemale };

// Family, middle and given name as often as in the north of the country.
std::string MakeName(Random& random, Sex sex);

v1::Applicant MakeCitizen(Random& random);
v1::Applicant MakeHouseholdBusiness(Random& random);
v1::Applicant MakeEnterprise(Random& random);

// The same name as a hurried clerk may type it: without a syllable, or with another given name.
std::string Mistype(Random& random, const std::string& name);

}  // namespace tthc::sample
