#pragma once

#include <gtest/gtest.h>

#include <string>

#include "client/sync/call.h"
#include "client/sync/profile.h"
#include "tests/testing/protos.h"
#include "tthc/v1/mirror.pb.h"

namespace tthc::sync {

// A shipped profile; problems in it fail the test.
inline v1::Profile Shipped(const std::string& id) {
  Problems problems;
  v1::Profile profile = LoadProfile(id, &problems);
  EXPECT_TRUE(problems.empty()) << problems.Describe("en");
  return profile;
}

// A dossier with nearly every kind of step: filed online with iGate, supplemented once, forwarded, paused, waiting for
// a fee, finished and returned. All people are invented. Times are in UTC.
inline constexpr char kFullDelivery[] = R"pb(
  dossier {
    name: "dossiers/0123456789bcdfgh"
    code: "H24.99.1-261103-0007"
    submission_code: "H24.99.1-261103-T0003"
    state: STATE_RETURNED
    request {
      procedure: "procedures/1.004873"
      office: "offices/H24.99.1"
      channel: CHANNEL_ONLINE
      applicant {
        type: TYPE_CITIZEN
        display_name: "Nguyễn Thị Mẫu"
        identity_number: "000000000012"
        phone_number: "0900000000"
        email: "mau@example.invalid"
        address: "Số 1, phường Mẫu"
      }
      content: "Xác nhận tình trạng hôn nhân"
      documents { display_name: "Tờ khai" code: "000.00.00.G15-KQ000001" copy_count: 1 digitized: true }
      documents { display_name: "Giấy tờ cũ" copy_count: 1 }
      return_channel: CHANNEL_POST
      aliases: "igate:77001"
    }
    terms { field: "fields/G15-TP07" }
    due { due_time { seconds: 1794562200 } }
    unit: "units/vhxh"
    officer: "officers/vhxh02"
    submit_time { seconds: 1793667600 }
    accept_time { seconds: 1793669400 }
    finish_time { seconds: 1794472200 }
    return_time { seconds: 1794535200 }
    result: RESULT_GRANTED
    waits {
      kind: KIND_SUPPLEMENT
      start_time { seconds: 1793755800 }
      end_time { seconds: 1793928600 }
      due_time_before { seconds: 1794303000 }
      due_time_after { seconds: 1794475800 }
      content: "Bản sao giấy tờ"
    }
    waits {
      kind: KIND_PAUSE
      reason: PAUSE_REASON_VERIFICATION
      start_time { seconds: 1794015000 }
      end_time { seconds: 1794101400 }
    }
    procedure_display_name: "Cấp giấy xác nhận tình trạng hôn nhân"
    aliases: "igate:77001"
    aliases: "H24.99.1-261103-T0003"
    fee_vnd: 15000
    revision: 40
  }
  steps {
    event {
      revision: 11
      occur_time { seconds: 1793667600 }
      submitted {
        code: "H24.99.1-261103-T0003"
        request { aliases: "igate:77001" content: "riêng" }
      }
    }
    state: STATE_SUBMITTED
  }
  steps {
    event {
      revision: 12
      occur_time { seconds: 1793669400 }
      accepted { unit: "units/hcc" officer: "officers/hcc02" fee_vnd: 15000 }
    }
    state: STATE_ACCEPTED
    unit: "units/hcc"
    officer: "officers/hcc02"
    due_time { seconds: 1794303000 }
  }
  steps {
    event {
      revision: 14
      occur_time { seconds: 1793755800 }
      supplement_requested { content: "Bản sao giấy tờ" reason: "chưa có chứng thực" officer: "officers/hcc02" }
    }
    state: STATE_AWAITING_SUPPLEMENT
    unit: "units/hcc"
    officer: "officers/hcc02"
    due_time { seconds: 1794303000 }
  }
  steps {
    event {
      revision: 20
      occur_time { seconds: 1793928600 }
      supplement_received { note: "đủ một bản" }
    }
    state: STATE_PROCESSING
    unit: "units/hcc"
    officer: "officers/hcc02"
    due_time { seconds: 1794475800 }
  }
  steps {
    event {
      revision: 21
      occur_time { seconds: 1793930400 }
      forwarded { to_unit: "units/vhxh" from_unit: "units/hcc" from_officer: "officers/hcc02" }
    }
    state: STATE_PROCESSING
    unit: "units/vhxh"
    due_time { seconds: 1794475800 }
  }
  steps {
    event {
      revision: 22
      occur_time { seconds: 1793931000 }
      step_taken { unit: "units/vhxh" officer: "officers/vhxh02" }
    }
    state: STATE_PROCESSING
    unit: "units/vhxh"
    officer: "officers/vhxh02"
    due_time { seconds: 1794475800 }
  }
  steps {
    event {
      revision: 25
      occur_time { seconds: 1794015000 }
      paused { reason: PAUSE_REASON_VERIFICATION document: "12/CV ngày 07/11/2026" }
    }
    state: STATE_PAUSED
    pause_reason: PAUSE_REASON_VERIFICATION
    unit: "units/vhxh"
    officer: "officers/vhxh02"
    due_time { seconds: 1794475800 }
  }
  steps {
    event {
      revision: 26
      occur_time { seconds: 1794101400 }
      resumed {}
    }
    state: STATE_PROCESSING
    unit: "units/vhxh"
    officer: "officers/vhxh02"
    due_time { seconds: 1794562200 }
  }
  steps {
    event {
      revision: 27
      occur_time { seconds: 1794101460 }
      noted { text: "không phải một bước" }
    }
    state: STATE_PROCESSING
    unit: "units/vhxh"
    officer: "officers/vhxh02"
    due_time { seconds: 1794562200 }
  }
  steps {
    event {
      revision: 30
      occur_time { seconds: 1794188000 }
      financial_obligation_requested { amount_vnd: 15000 document: "TB-01" }
    }
    state: STATE_AWAITING_PAYMENT
    unit: "units/vhxh"
    officer: "officers/vhxh02"
    due_time { seconds: 1794562200 }
  }
  steps {
    event {
      revision: 31
      occur_time { seconds: 1794190000 }
      financial_obligation_met { amount_vnd: 15000 }
    }
    state: STATE_PROCESSING
    unit: "units/vhxh"
    officer: "officers/vhxh02"
    due_time { seconds: 1794562200 }
  }
  steps {
    event {
      revision: 35
      occur_time { seconds: 1794472200 }
      finished { result: RESULT_GRANTED document: "45/GXN ngày 12/11/2026" officer: "officers/vp01" }
    }
    state: STATE_FINISHED
    unit: "units/vhxh"
    officer: "officers/vhxh02"
    due_time { seconds: 1794562200 }
  }
  steps {
    event {
      revision: 40
      occur_time { seconds: 1794535200 }
      returned { channel: CHANNEL_POST receiver_name: "Nguyễn Thị Mẫu" officer: "officers/khong-con-ten" }
    }
    state: STATE_RETURNED
    unit: "units/vhxh"
    officer: "officers/vhxh02"
    due_time { seconds: 1794562200 }
  }
  display_names { key: "offices/H24.99.1" value: "UBND xã Mẫu" }
  display_names { key: "units/hcc" value: "Trung tâm Phục vụ hành chính công" }
  display_names { key: "units/vhxh" value: "Phòng Văn hóa - Xã hội" }
  display_names { key: "officers/hcc02" value: "Phạm Văn Mẫu" }
  display_names { key: "officers/vhxh02" value: "Lê Thị Mẫu" }
  display_names { key: "officers/vp01" value: "Trần Văn Mẫu" }
  display_names { key: "fields/G15-TP07" value: "Hộ tịch" }
  positions { key: "officers/hcc02" value: "Công chức tiếp nhận" }
  positions { key: "officers/vhxh02" value: "Công chức tư pháp - hộ tịch" }
)pb";

inline tthc::v1::MirrorDelivery FullDelivery() { return testing::ParseProto<tthc::v1::MirrorDelivery>(kFullDelivery); }

inline DeliveryPtr Share(const tthc::v1::MirrorDelivery& delivery) {
  return std::make_shared<const tthc::v1::MirrorDelivery>(delivery);
}

}  // namespace tthc::sync
