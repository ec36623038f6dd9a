#include "dualis/into.h"

#include "dualis/any_reply.h"
#include "dualis/args.h"
#include "engine/core/number_text.h"

namespace dualis {
namespace reply_internal {

bool ParseInt(Bytes text, int64_t* out) {
  const auto parsed = ParseInt64(text);
  if (parsed) *out = *parsed;
  return parsed.has_value();
}

bool ParseDouble(Bytes text, double* out) {
  const auto parsed = dualis::ParseDouble(text);
  if (parsed) *out = *parsed;
  return parsed.has_value();
}

std::string TextOf(int64_t value) {
  char buffer[Arg::kTextBytes];
  return std::string(Arg(value).Text(buffer));
}

std::string TextOf(double value) {
  char buffer[Arg::kTextBytes];
  return std::string(Arg(value).Text(buffer));
}

}  // namespace reply_internal

void* ValueBuilder::Place(bool aggregate, const ReplyType** type) {
  if (frames_.empty()) {
    *type = type_;
    return complete_ ? nullptr : value_;
  }
  Frame& frame = frames_.back();
  if (frame.type == nullptr) return nullptr;
  if (frame.undecided) {
    frame.undecided = false;
    frame.flat = !aggregate;
  }
  void* place = frame.type->child(frame.self, frame.next++, frame.flat, scratch_, type);
  return place;
}

void ValueBuilder::Misfit() {
  if (!error_) error_ = dualis::Error(ErrorCode::kProtocol, "ERR the reply does not fit the type that was asked for");
}

// A sink must not throw; the allocations of strings and vectors can.
#define DUALIS_DELIVER(event, ...)                                                                     \
  try {                                                                                                \
    const ReplyType* type = nullptr;                                                                   \
    void* place = Place(false, &type);                                                                 \
    if (place != nullptr && !(type->event && type->event(place __VA_OPT__(, ) __VA_ARGS__))) Misfit(); \
  } catch (const std::bad_alloc&) {                                                                    \
    error_ = dualis::Error(ErrorCode::kOom, "OOM out of memory");                                      \
  }                                                                                                    \
  Done()

void ValueBuilder::Null() { DUALIS_DELIVER(null); }
void ValueBuilder::Int(int64_t value) { DUALIS_DELIVER(integer, value); }
void ValueBuilder::Bool(bool value) { DUALIS_DELIVER(boolean, value); }
void ValueBuilder::Double(double value) { DUALIS_DELIVER(real, value); }
void ValueBuilder::Bulk(Bytes value) { DUALIS_DELIVER(bytes, value); }
void ValueBuilder::Simple(Bytes text) { DUALIS_DELIVER(status, text); }
#undef DUALIS_DELIVER

void ValueBuilder::Error(const dualis::Error& error) {
  const ReplyType* type = nullptr;
  try {
    void* place = Place(false, &type);
    const bool taken = place != nullptr && type->error != nullptr && type->error(place, error);
    if (!taken && !error_) error_ = error;
  } catch (const std::bad_alloc&) {
    error_ = error;
  }
  Done();
}

void ValueBuilder::Begin(Shape shape, size_t count) {
  try {
    const ReplyType* type = nullptr;
    void* place = Place(true, &type);
    if (place != nullptr && !(type->begin && type->child && type->begin(place, shape, count))) {
      Misfit();
      place = nullptr;
    }
    Frame frame{place, place == nullptr ? nullptr : type};
    const bool couples = shape == Shape::kMap || shape == Shape::kPairs || shape == Shape::kEntries;
    if (couples) {
      frame.flat = true;
    } else if (frame.type != nullptr && type->couples) {
      frame.undecided = true;
    }
    frames_.push_back(frame);
  } catch (const std::bad_alloc&) {
    error_ = dualis::Error(ErrorCode::kOom, "OOM out of memory");
    complete_ = true;
  }
}

void ValueBuilder::End() {
  if (!frames_.empty()) frames_.pop_back();
  Done();
}

void ValueBuilder::Restart() {
  frames_.clear();
  error_ = dualis::Error();
  complete_ = false;
}

namespace {

using Kind = AnyReply::Kind;

AnyReply& Any(void* self) { return *static_cast<AnyReply*>(self); }

bool SetText(void* self, Kind kind, Bytes text) {
  Any(self).kind = kind;
  Any(self).text.assign(text);
  return true;
}

void* AnyChild(void* self, size_t, bool, std::string&, const ReplyType** type) {
  *type = &ReplyOf<AnyReply>::kType;
  return &Any(self).elements.emplace_back();
}

}  // namespace

const ReplyType* ReplyOf<AnyReply>::ChildType(size_t, bool) { return &kType; }

const ReplyType ReplyOf<AnyReply>::kType = {
    .null = [](void* s) { return Any(s).kind = Kind::kNull, true; },
    .integer = [](void* s, int64_t v) { return Any(s).kind = Kind::kInt, Any(s).integer = v, true; },
    .boolean = [](void* s, bool v) { return Any(s).kind = Kind::kBool, Any(s).integer = v, true; },
    .real = [](void* s, double v) { return Any(s).kind = Kind::kDouble, Any(s).number = v, true; },
    .bytes = [](void* s, Bytes v) { return SetText(s, Kind::kBytes, v); },
    .status = [](void* s, Bytes v) { return SetText(s, Kind::kStatus, v); },
    .error = [](void* s, const Error& e) { return SetText(s, Kind::kError, e.message()); },
    .begin =
        [](void* s, Shape shape, size_t) {
          Any(s).kind = shape == Shape::kMap || shape == Shape::kPairs || shape == Shape::kEntries ? Kind::kMap
                        : shape == Shape::kSet                                                     ? Kind::kSet
                        : shape == Shape::kPush                                                    ? Kind::kPush
                                                                                                   : Kind::kArray;
          return true;
        },
    .child = &AnyChild,
    .child_type = &ReplyOf<AnyReply>::ChildType,
};

namespace {

void AppendText(const AnyReply& reply, size_t indent, std::string& out) {
  char buffer[Arg::kTextBytes];
  switch (reply.kind) {
    case Kind::kNull:
      out += "(nil)";
      return;
    case Kind::kInt:
      out.append("(integer) ").append(Arg(reply.integer).Text(buffer));
      return;
    case Kind::kBool:
      out += reply.integer != 0 ? "(true)" : "(false)";
      return;
    case Kind::kDouble:
      out.append("(double) ").append(Arg(reply.number).Text(buffer));
      return;
    case Kind::kBytes:
      out.append("\"").append(reply.text).append("\"");
      return;
    case Kind::kStatus:
      out += reply.text;
      return;
    case Kind::kError:
      out.append("(error) ").append(reply.text);
      return;
    default:
      break;
  }
  if (reply.elements.empty()) {
    out += "(empty)";
    return;
  }
  for (size_t i = 0; i < reply.elements.size(); ++i) {
    if (i > 0) out.append("\n").append(indent, ' ');
    const std::string number = std::to_string(i + 1) + ") ";
    out += number;
    AppendText(reply.elements[i], indent + number.size(), out);
  }
}

}  // namespace

std::string ToText(const AnyReply& reply) {
  std::string out;
  AppendText(reply, 0, out);
  return out;
}

}  // namespace dualis
