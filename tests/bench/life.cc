#include "tests/bench/life.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "storage/base/check.h"

namespace tthc::bench {
namespace {

constexpr char kOffice[] = "offices/H24.99.1";
constexpr std::array kProcedures = {"procedures/1.004873", "procedures/1.004884", "procedures/1.005461",
                                    "procedures/1.004746", "procedures/1.003583"};
constexpr std::array kSurnames = {"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ"};
constexpr std::array kMiddles = {"Thị", "Văn", "Đức", "Minh", "Ngọc", "Quốc", "Thanh", "Hữu"};
constexpr std::array kGiven = {"Hòa", "An",  "Bình", "Dũng", "Hương", "Lan",
                               "Mai", "Nam", "Phúc", "Quân", "Sơn",   "Trang"};
constexpr std::array kUnits = {"units/vp", "units/kt", "units/vhxh"};
constexpr std::array kOfficers = {"officers/vp02", "officers/kt02", "officers/vhxh02"};

// SplitMix64: cheap, and the same everywhere.
uint64_t Mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15u;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

template <typename Array>
const char* Pick(const Array& from, uint64_t bits) {
  return from[bits % from.size()];
}

}  // namespace

std::array<uint64_t, 2> Life::RequestIdBits(int step) const {
  const uint64_t high = Mix(salt_ ^ Mix(static_cast<uint64_t>(number_) * kStepsPerLife + static_cast<uint64_t>(step)));
  return {high, Mix(high)};
}

std::string Life::RequestId(int step) const {
  const auto [high, low] = RequestIdBits(step);
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF, low >> 48,
                         low & 0xFFFF'FFFF'FFFF);
}

void Life::FillAccepted(v1::Event* event) const {
  const uint64_t bits = Mix(static_cast<uint64_t>(number_));
  v1::Accepted& accepted = *event->mutable_accepted();
  accepted.set_unit("units/hcc");
  accepted.set_officer("officers/hcc02");
  v1::Request& request = *accepted.mutable_request();
  request.set_procedure(Pick(kProcedures, bits));
  request.set_office(kOffice);
  request.set_channel(bits % 3 == 0 ? v1::CHANNEL_COUNTER : v1::CHANNEL_ONLINE);
  v1::Applicant& applicant = *request.mutable_applicant();
  applicant.set_type(v1::Applicant::TYPE_CITIZEN);
  applicant.set_display_name(
      absl::StrCat(Pick(kSurnames, bits >> 8), " ", Pick(kMiddles, bits >> 16), " ", Pick(kGiven, bits >> 24)));
  applicant.set_identity_number(absl::StrFormat("031%09d", bits >> 20 & 0x1FFF'FFFF));
  applicant.set_phone_number(absl::StrFormat("09%08d", bits % 100'000'000));
  applicant.set_address(absl::StrCat("Thôn ", bits % 12 + 1, ", xã Hợp Tiến, thành phố Hải Phòng"));
  request.set_content("Xác nhận tình trạng hôn nhân để đăng ký kết hôn");
  for (const char* name : {"Tờ khai theo mẫu", "Bản sao căn cước công dân"}) {
    v1::Document& document = *request.add_documents();
    document.set_display_name(name);
    document.set_copy_count(1);
  }
}

void Life::FillEvent(int step, v1::Event* event) const {
  const uint64_t bits = Mix(static_cast<uint64_t>(number_)) >> 32;
  if (stays_open_ && step > 3) {
    event->mutable_noted()->set_text(absl::StrCat("Đã gọi điện cho công dân, hẹn làm việc lần ", step));
    return;
  }
  switch (step) {
    case 1:
      event->mutable_forwarded()->set_to_unit(Pick(kUnits, bits));
      event->mutable_forwarded()->set_to_officer(Pick(kOfficers, bits));
      event->mutable_forwarded()->mutable_step_limit()->set_unit(v1::Limit::UNIT_WORKING_DAY);
      event->mutable_forwarded()->mutable_step_limit()->set_minutes(960);
      return;
    case 2:
      event->mutable_step_taken()->set_unit(Pick(kUnits, bits));
      event->mutable_step_taken()->set_officer(Pick(kOfficers, bits));
      return;
    case 3:
      event->mutable_step_done()->set_unit(Pick(kUnits, bits));
      event->mutable_step_done()->set_officer(Pick(kOfficers, bits));
      event->mutable_step_done()->set_note("Đã thẩm định, đủ điều kiện giải quyết");
      return;
    case 4:
      event->mutable_finished()->set_result(v1::Finished::RESULT_GRANTED);
      event->mutable_finished()->set_document(absl::StrCat("Số ", number_ % 10'000, "/GXN-UBND"));
      event->mutable_finished()->set_officer(Pick(kOfficers, bits));
      event->mutable_finished()->set_electronic_result(true);
      return;
    case 5:
      event->mutable_returned()->set_channel(v1::CHANNEL_COUNTER);
      event->mutable_returned()->set_officer("officers/hcc03");
      return;
    case 6:
      event->mutable_rated()->set_level(v1::RATING_LEVEL_VERY_SATISFIED);
      event->mutable_rated()->set_phase(v1::RATING_PHASE_RESULT);
      return;
    case 7:
      event->mutable_noted()->set_text("Công dân đã nhận bản giấy và bản điện tử tại quầy số 3");
      return;
    default:
      TTHC_CHECK(false);
  }
}

v1::CreateDossierRequest Life::Create() const {
  v1::CreateDossierRequest request;
  FillAccepted(request.add_events());
  request.set_request_id(RequestId(0));
  return request;
}

v1::AppendEventRequest Life::Append(int step, const std::string& dossier) const {
  v1::AppendEventRequest request;
  request.set_parent(dossier);
  FillEvent(step, request.mutable_event());
  request.set_request_id(RequestId(step));
  return request;
}

v1::CreateDossierRequest Life::CreateWhole() const {
  v1::CreateDossierRequest request = Create();
  for (int step = 1; step < kStepsPerLife; ++step) FillEvent(step, request.add_events());
  return request;
}

}  // namespace tthc::bench
