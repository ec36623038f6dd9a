// redisFormatCommand against a formatter that is obviously right and slow. The input is the format; its first three
// conversions get arguments of their types, and formats with more are left out.
#include <hiredis/hiredis.h>

#include <cstring>

#include "engine/core/rng.h"
#include "tests/fuzz/fuzz.h"

namespace {

enum class Kind { kInt, kLong, kLongLong, kDouble, kText, kBytes };
struct Argument {
  Kind kind;
  long long integer;
  double real;
  std::string text;
};
constexpr size_t kMost = 3;

// What the format should give. The arguments are made as conversions ask for them.
class Slow {
 public:
  Slow(const std::string& format, uint64_t seed) : format_(format), rng_(seed) { Run(); }

  bool judged = true;  // false: the input is left out
  bool good = true;    // false: the format is an error
  std::vector<Argument> arguments;
  std::string Resp() const {
    std::string resp = "*" + std::to_string(words_.size()) + "\r\n";
    for (const std::string& w : words_) resp += "$" + std::to_string(w.size()) + "\r\n" + w + "\r\n";
    return resp;
  }

 private:
  void Put(const std::string& text) {
    if (!open_) words_.emplace_back();
    open_ = true;
    words_.back() += text;
  }
  Argument& Next(Kind kind) {
    static const char* const kTexts[] = {"", "value", "a b", "%s", "\r\n"};
    arguments.push_back({kind, static_cast<long long>(rng_.Next()), 0, kTexts[rng_.Uniform(5)]});
    Argument& a = arguments.back();
    if (kind == Kind::kInt) a.integer = static_cast<int>(a.integer);
    a.real = static_cast<double>(static_cast<int>(a.integer)) / 8;
    if (kind == Kind::kBytes && rng_.Uniform(2) == 0) a.text += std::string("\0x", 2);
    return a;
  }
  template <class T>
  void Convert(const std::string& specifier, T value) {
    const int size = std::snprintf(nullptr, 0, specifier.c_str(), value);
    std::string out(static_cast<size_t>(size) + 1, '\0');
    std::snprintf(out.data(), out.size(), specifier.c_str(), value);
    out.pop_back();
    Put(out);
  }

  void Run() {
    // A C string ends at its first zero.
    const std::string f = format_.c_str();
    for (size_t i = 0; i < f.size() && good && judged; ++i) {
      if (f[i] == ' ') {
        open_ = false;
      } else if (f[i] != '%' || i + 1 == f.size()) {
        Put(f.substr(i, 1));
      } else if (f[i + 1] == '%') {
        Put("%");
        ++i;
      } else if (arguments.size() == kMost) {
        judged = false;
      } else if (f[i + 1] == 's') {
        Put(std::string(Next(Kind::kText).text.c_str()));
        ++i;
      } else if (f[i + 1] == 'b') {
        Put(Next(Kind::kBytes).text);
        ++i;
      } else {
        i = Printf(f, i);
      }
    }
  }

  // The conversion at f[begin]; returns its last place.
  size_t Printf(const std::string& f, size_t begin) {
    size_t i = begin + 1;
    const auto skip = [&](const char* set) {
      while (i < f.size() && std::strchr(set, f[i]) != nullptr) ++i;
    };
    skip("#0-+ ");
    skip("0123456789");
    if (i < f.size() && f[i] == '.') {
      ++i;
      skip("0123456789");
    }
    const size_t modifiers = i;
    while (i < f.size() && (f[i] == 'h' || f[i] == 'l') && i < modifiers + 2) ++i;
    const std::string modifier = f.substr(modifiers, i - modifiers);
    const std::string specifier = f.substr(begin, i + 1 - begin);
    // Long ones are another story, and so are widths of millions.
    if (specifier.size() >= 9) {
      judged = false;
      return i;
    }
    const bool integer = i < f.size() && std::strchr("diouxX", f[i]) != nullptr;
    const bool real = i < f.size() && std::strchr("eEfFgGaA", f[i]) != nullptr && modifier.empty();
    if (real) {
      Convert(specifier, Next(Kind::kDouble).real);
    } else if (integer && (modifier.empty() || modifier[0] == 'h') && modifier != "hl") {
      Convert(specifier, static_cast<int>(Next(Kind::kInt).integer));
    } else if (integer && modifier == "l") {
      Convert(specifier, static_cast<long>(Next(Kind::kLong).integer));
    } else if (integer && modifier == "ll") {
      Convert(specifier, Next(Kind::kLongLong).integer);
    } else {
      good = false;
    }
    return i;
  }

  const std::string& format_;
  dualis::Rng rng_;
  std::vector<std::string> words_;
  bool open_ = false;
};

// Calls with the arguments from number `kAt` on behind those that are there.
template <size_t kAt, class... A>
int Call(char** target, const char* format, const std::vector<Argument>& arguments, A... args) {
  if constexpr (kAt < kMost) {
    if (kAt < arguments.size()) {
      const Argument& a = arguments[kAt];
      switch (a.kind) {
        case Kind::kInt:
          return Call<kAt + 1>(target, format, arguments, args..., static_cast<int>(a.integer));
        case Kind::kLong:
        case Kind::kLongLong:  // the same size and the same way to pass it
          return Call<kAt + 1>(target, format, arguments, args..., a.integer);
        case Kind::kDouble:
          return Call<kAt + 1>(target, format, arguments, args..., a.real);
        case Kind::kText:
          return Call<kAt + 1>(target, format, arguments, args..., a.text.c_str());
        case Kind::kBytes:
          return Call<kAt + 1>(target, format, arguments, args..., a.text.data(), a.text.size());
      }
    }
  }
  return redisFormatCommand(target, format, args...);
}

}  // namespace

std::vector<std::string> dualis::fuzz::Seeds() {
  return {
      "SET %s %b",
      "  SET  key:%d   %s  ",
      "a%%b %-5d|%05.1f %lld",
      "%hhd%hd %lx %#o",
      "%s%s %s",
      "",
      " ",
      "%",
      "%y",
      "%b %g %e",
      "x\ty \"z w\" %%%s%",
      "%c",
      "%5s",
      "%.3s",
      "%p",
      "%zu",
      "%*d",
      "%+.2e % d %hu",
  };
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string format(reinterpret_cast<const char*>(data), size);
  const Slow slow(format, size);
  if (!slow.judged) return 0;
  char* target = nullptr;
  const int length = Call<0>(&target, format.c_str(), slow.arguments);
  if (!slow.good) {
    dualis::fuzz::Check(length == -1, "a bad format is accepted");
    return 0;
  }
  const std::string want = slow.Resp();
  const std::string got = length < 0 ? "(error)" : std::string(target, static_cast<size_t>(length));
  if (got != want) std::fprintf(stderr, "format: %s\ngot:  %s\nslow: %s\n", format.c_str(), got.c_str(), want.c_str());
  dualis::fuzz::Check(got == want, "the formatter and the slow one differ");
  dualis::fuzz::Check(target[length] == '\0', "no zero at the end");
  redisFreeCommand(target);
  return 0;
}
