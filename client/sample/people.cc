#include "client/sample/people.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace tthc::sample {
namespace {

struct Share {
  const char* text;
  double weight;
};

// Weights are relative and need not sum up to 100.
constexpr Share kFamilies[] = {{"Nguyễn", 31}, {"Phạm", 11},   {"Trần", 9},    {"Vũ", 8},     {"Lê", 6},
                               {"Bùi", 5},     {"Đỗ", 5},      {"Hoàng", 4.5}, {"Đào", 2.5},  {"Ngô", 2},
                               {"Đặng", 2},    {"Phan", 1.6},  {"Lương", 1.5}, {"Đoàn", 1.4}, {"Đinh", 1.2},
                               {"Mai", 1},     {"Lưu", 1},     {"Cao", 0.9},   {"Tạ", 0.7},   {"Dương", 0.9},
                               {"Hà", 0.7},    {"Trịnh", 0.7}, {"Tô", 0.4},    {"Khúc", 0.2}};

constexpr Share kMaleMiddles[] = {{"Văn", 38},  {"Đức", 9},  {"Minh", 7},  {"Hữu", 5},   {"Đình", 6}, {"Quang", 5},
                                  {"Xuân", 4},  {"Ngọc", 3}, {"Quốc", 4},  {"Thanh", 3}, {"Công", 3}, {"Mạnh", 3},
                                  {"Thế", 2.5}, {"Gia", 2},  {"Trọng", 2}, {"Anh", 1.5}, {"Duy", 2}};
constexpr const char* kMaleGivens[] = {"Hùng",  "Dũng",  "Tuấn",  "Hải",  "Nam",   "Sơn",   "Thắng", "Cường", "Long",
                                       "Hiếu",  "Quân",  "Đạt",   "Huy",  "Khánh", "Bình",  "Tiến",  "Trung", "Kiên",
                                       "Phong", "Hoàng", "Thành", "Toàn", "Việt",  "Chiến", "Tùng",  "Lâm",   "Phúc",
                                       "Thịnh", "Bảo",   "Quyết", "Điệp", "Ước",   "Nghĩa", "Giang", "Đông"};
constexpr Share kFemaleMiddles[] = {
    {"Thị", 42},     {"Thị Thu", 6}, {"Thị Ngọc", 5}, {"Thị Thanh", 5}, {"Thị Hồng", 4}, {"Thị Kim", 3},
    {"Thị Minh", 3}, {"Ngọc", 5},    {"Thu", 5},      {"Thanh", 4},     {"Minh", 4},     {"Phương", 4},
    {"Thùy", 4},     {"Khánh", 2},   {"Diệu", 1.5},   {"Thị Bích", 2},  {"Bảo", 1.5}};
constexpr const char* kFemaleGivens[] = {"Hoa",   "Lan",   "Hương", "Hằng", "Nga",   "Thủy",  "Linh",   "Trang", "Hà",
                                         "Mai",   "Yến",   "Dung",  "Hạnh", "Loan",  "Oanh",  "Phượng", "Tuyết", "Vân",
                                         "Huyền", "Thảo",  "Nhung", "Ngân", "Quỳnh", "Giang", "Thúy",   "Anh",   "Ánh",
                                         "Chi",   "Duyên", "Hòa",   "Xuân", "Vy",    "My",    "Liên",   "Thơm"};

constexpr const char* kHamlets[] = {"Thôn Đông",       "Thôn Đoài",     "Thôn Trung",   "Thôn Thượng",
                                    "Thôn Hạ",         "Thôn Tiên Cầm", "Thôn Bạch Đa", "Thôn Trúc Khê",
                                    "Thôn Lương Quán", "Thôn An Lãng",  "Tổ dân phố 1", "Tổ dân phố 2"};
constexpr const char* kTrades[] = {"Tạp hóa",   "Cơ khí",    "May đo",          "Vật liệu xây dựng", "Ăn uống",
                                   "Điện nước", "Thuốc tây", "Sửa chữa xe máy", "Nội thất",          "Nông sản"};
constexpr const char* kBusinesses[] = {"Công ty TNHH Thương mại", "Công ty Cổ phần Xây dựng", "Công ty TNHH Sản xuất",
                                       "Công ty TNHH Vận tải"};

template <size_t N>
std::string PickShare(Random& random, const Share (&shares)[N]) {
  std::vector<double> weights;
  for (const Share& share : shares) weights.push_back(share.weight);
  return shares[random.Weighted(weights)].text;
}

// The fourth digit says sex and century: 0 and 1 for the 20th, 2 and 3 for the 21st.
std::string MakeIdentityNumber(Random& random, Sex sex) {
  const int64_t year = random.Between(int64_t{1945}, int64_t{2008});
  const int64_t century = (year >= 2000 ? 2 : 0) + (sex == Sex::kFemale ? 1 : 0);
  return absl::StrFormat("000%d%02d%06d", century, year % 100, random.Between(int64_t{0}, int64_t{999'999}));
}

// A prefix that no network has, so that a demonstration never rings at a stranger.
std::string MakePhoneNumber(Random& random) {
  return absl::StrFormat("0990%06d", random.Between(int64_t{0}, int64_t{999'999}));
}

// Ten digits, the last one a check digit; numbers whose check digit would have two digits are not given out.
std::string MakeTaxCode(Random& random) {
  constexpr int kWeights[] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
  while (true) {
    const std::string digits = absl::StrFormat("99%07d", random.Between(int64_t{0}, int64_t{9'999'999}));
    int sum = 0;
    for (size_t i = 0; i < digits.size(); ++i) sum += (digits[i] - '0') * kWeights[i];
    const int check = 10 - sum % 11;
    if (check < 10) return absl::StrCat(digits, check);
  }
}

Sex MakeSex(Random& random) { return random.Chance(0.52) ? Sex::kFemale : Sex::kMale; }

}  // namespace

std::string MakeName(Random& random, Sex sex) {
  const std::string family = PickShare(random, kFamilies);
  if (sex == Sex::kMale) {
    const std::string middle = PickShare(random, kMaleMiddles);
    return absl::StrCat(family, " ", middle, " ", random.Pick(kMaleGivens));
  }
  const std::string middle = PickShare(random, kFemaleMiddles);
  return absl::StrCat(family, " ", middle, " ", random.Pick(kFemaleGivens));
}

v1::Applicant MakeCitizen(Random& random) {
  const Sex sex = MakeSex(random);
  v1::Applicant applicant;
  applicant.set_type(v1::Applicant::TYPE_CITIZEN);
  applicant.set_display_name(MakeName(random, sex));
  applicant.set_identity_number(MakeIdentityNumber(random, sex));
  applicant.set_phone_number(MakePhoneNumber(random));
  applicant.set_address(absl::StrCat(random.Pick(kHamlets), ", xã Hợp Tiến, thành phố Hải Phòng"));
  // A few act through a representative, whose data has to be masked as well.
  if (random.Chance(0.06)) {
    const Sex other = MakeSex(random);
    applicant.set_representative_name(MakeName(random, other));
    applicant.set_representative_identity_number(MakeIdentityNumber(random, other));
  }
  return applicant;
}

v1::Applicant MakeHouseholdBusiness(Random& random) {
  const Sex sex = MakeSex(random);
  const std::string owner = MakeName(random, sex);
  v1::Applicant applicant;
  applicant.set_type(v1::Applicant::TYPE_HOUSEHOLD_BUSINESS);
  applicant.set_display_name(absl::StrCat("Hộ kinh doanh ", random.Pick(kTrades), " ", owner));
  applicant.set_representative_name(owner);
  applicant.set_identity_number(MakeIdentityNumber(random, sex));
  applicant.set_phone_number(MakePhoneNumber(random));
  applicant.set_address(absl::StrCat(random.Pick(kHamlets), ", xã Hợp Tiến, thành phố Hải Phòng"));
  return applicant;
}

v1::Applicant MakeEnterprise(Random& random) {
  const Sex sex = MakeSex(random);
  v1::Applicant applicant;
  applicant.set_type(v1::Applicant::TYPE_ENTERPRISE);
  // One draw a statement: the order in which arguments are evaluated is the compiler's.
  std::string name = random.Pick(kBusinesses);
  absl::StrAppend(&name, " ", random.Pick(kMaleGivens));
  absl::StrAppend(&name, " ", random.Pick(kFemaleGivens));
  applicant.set_display_name(name);
  applicant.set_tax_code(MakeTaxCode(random));
  applicant.set_representative_name(MakeName(random, sex));
  applicant.set_representative_identity_number(MakeIdentityNumber(random, sex));
  applicant.set_phone_number(MakePhoneNumber(random));
  applicant.set_address(absl::StrCat(random.Pick(kHamlets), ", xã Hợp Tiến, thành phố Hải Phòng"));
  return applicant;
}

std::string Mistype(Random& random, const std::string& name) {
  std::vector<std::string> syllables = absl::StrSplit(name, ' ');
  // Both are mistakes that clerks really correct, so the sample shows amendments that look plausible.
  if (syllables.size() > 2 && random.Chance(0.5)) {
    syllables.erase(syllables.begin() + 1);
  } else {
    syllables.back() = syllables.back() == "Hà" ? "Hạ" : "Hà";
  }
  return absl::StrJoin(syllables, " ");
}

}  // namespace tthc::sample
