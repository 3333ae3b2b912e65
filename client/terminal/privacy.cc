#include "client/terminal/privacy.h"

#include "storage/base/text.h"

namespace tthc::terminal {

std::string Mask(Privacy privacy, const std::string& text) {
  if (text.empty()) return text;
  switch (privacy) {
    case Privacy::kNone:
      return text;
    case Privacy::kName:
      return MaskName(text);
    case Privacy::kNumber:
      return MaskNumber(text);
    case Privacy::kHidden:
      // The same for every length: the length of an address would say something, too.
      return "•••";
  }
  return text;
}

}  // namespace tthc::terminal
