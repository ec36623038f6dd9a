// The shared part of a Value, and the definitions that every executor leans on: number text, truth, equality, order.
//
//   short bytes   in the Value                         numbers, bools, None   in the Value
//   long bytes    BytesRep  | refs | size | text ...   never changed
//   list          ListRep   | refs | dead | nested | items
//   dict          DictRep   | refs | dead | nested | entries
//
// `nested` says that a container was ever stored in this one. A list of scalars, the usual one, then needs no search
// for itself when it is stored. Since nothing can contain itself, counting references frees everything. A deep
// structure is taken apart with the list of the dead (`dead`), not by recursion, and nothing is allocated for it.
#ifndef DUALIS_SCRIPT_SEMANTICS_VALUE_H_
#define DUALIS_SCRIPT_SEMANTICS_VALUE_H_

#include <atomic>

#include "dualis/script_value.h"

namespace dualis::script {

struct Value::Rep {
  explicit Rep(Kind k) : kind(k) {}
  std::atomic<uint32_t> refs{1};
  const Kind kind;
  bool nested = false;
};

struct BytesRep : Value::Rep {
  // Bytes of that size, to be filled in by the caller before the Value is shared.
  static BytesRep* New(size_t size);
  static void Delete(BytesRep* rep);
  char* text() { return reinterpret_cast<char*>(this + 1); }

  size_t size;

 private:
  explicit BytesRep(size_t n) : Rep(Value::Kind::kBytes), size(n) {}
};

struct ContainerRep : Value::Rep {
  using Rep::Rep;
  ContainerRep* dead = nullptr;  // the next one to be taken apart
};

struct ListRep : ContainerRep {
  ListRep() : ContainerRep(Value::Kind::kList) {}
  Value::Items items;
};

struct DictRep : ContainerRep {
  DictRep() : ContainerRep(Value::Kind::kDict) {}
  Value::Entries entries;
};

inline ListRep& ListOf(const Value& v) { return *static_cast<ListRep*>(v.rep()); }
inline DictRep& DictOf(const Value& v) { return *static_cast<DictRep*>(v.rep()); }

// How deep lists and dicts may be nested where an operation walks through them.
inline constexpr int kMaxNesting = 128;

// Bytes made of two parts or more, without a copy in between.
class BytesBuilder {
 public:
  explicit BytesBuilder(size_t size) : size_(size), rep_(size > Value::kShortBytes ? BytesRep::New(size) : nullptr) {}
  ~BytesBuilder() {
    if (rep_) BytesRep::Delete(rep_);
  }
  BytesBuilder(const BytesBuilder&) = delete;
  BytesBuilder& operator=(const BytesBuilder&) = delete;

  // Requires: as many bytes in all as were announced.
  void Add(Bytes part) {
    std::memcpy((rep_ ? rep_->text() : small_) + used_, part.data(), part.size());
    used_ += part.size();
  }
  Value Take() {
    if (!rep_) return Value(Bytes(small_, size_));
    return Value(Value::Kind::kBytes, std::exchange(rep_, nullptr));
  }

 private:
  size_t size_;
  size_t used_ = 0;
  BytesRep* rep_;
  char small_[Value::kShortBytes];
};

// The text of a number: integral ones up to 2^53 in full; else the first of %.15g, %.16g, %.17g that reads back; "0"
// for -0; "inf", "-inf", "nan". Written into `buffer`, kNumberText long.
inline constexpr size_t kNumberText = 40;
Bytes NumberText(double number, char* buffer);
// True and the number if the bytes are one: [+-] digits [. digits] [e [+-] digits], digits on one side of the point at
// least, or [+-] inf. No blanks, no hexadecimal.
bool ParseNumber(Bytes text, double* out);

// Python's truth: None, false, 0, empty bytes, empty list and empty dict are false.
inline bool Truth(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kNone:
      return false;
    case Value::Kind::kBool:
      return v.boolean();
    case Value::Kind::kNumber:
      return v.number() != 0;
    case Value::Kind::kBytes:
      return !v.bytes().empty();
    case Value::Kind::kList:
      return !ListOf(v).items.empty();
    case Value::Kind::kDict:
      return !DictOf(v).entries.empty();
  }
  return false;
}

// Equality with a limit on depth: false and *too_deep if lists are nested deeper than kMaxNesting.
bool Equal(const Value& a, const Value& b, bool* too_deep, int depth = 0);
// True if `inside` is `container` or holds it somewhere. *too_deep as above.
// *visited: how many objects were looked at.
bool Reaches(const Value& inside, const Value& container, bool* too_deep, size_t* visited);
// False if nested too deeply.
bool DeepCopy(const Value& from, Value* to, int depth = 0);

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_SEMANTICS_VALUE_H_
