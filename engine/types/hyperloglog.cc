#include "engine/types/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace dualis::hll {
namespace {

constexpr char kMagic[] = {'H', 'Y', 'L', 'L'};
constexpr size_t kEncodingAt = 4;
constexpr size_t kCachedAt = 8;
constexpr char kDense = 0;
constexpr char kSparse = 1;
constexpr unsigned char kStale = 0x80;

constexpr int kIndexBits = 14;
constexpr int kHashBits = 64 - kIndexBits;  // of which the position of the lowest 1 is taken
constexpr size_t kLongestZeros = 64;        // in one byte
constexpr size_t kLongestRun = 4;           // of a value
constexpr uint8_t kGreatestSparse = 32;

// The 64-bit MurmurHash2, as it is read on a little-endian machine.
uint64_t Murmur(Bytes key, uint64_t seed) {
  constexpr uint64_t kFactor = 0xc6a4a7935bd1e995;
  constexpr int kShift = 47;
  uint64_t hash = seed ^ key.size() * kFactor;
  size_t at = 0;
  for (; at + 8 <= key.size(); at += 8) {
    uint64_t word = 0;
    for (size_t i = 8; i-- > 0;) word = word << 8 | static_cast<unsigned char>(key[at + i]);
    word *= kFactor;
    word ^= word >> kShift;
    word *= kFactor;
    hash = (hash ^ word) * kFactor;
  }
  if (at < key.size()) {
    uint64_t tail = 0;
    for (size_t i = key.size(); i-- > at;) tail = tail << 8 | static_cast<unsigned char>(key[i]);
    hash = (hash ^ tail) * kFactor;
  }
  hash ^= hash >> kShift;
  hash *= kFactor;
  return hash ^ hash >> kShift;
}

// What an element does to which register.
struct Place {
  size_t index;
  uint8_t value;
};

Place PlaceOf(Bytes element) {
  const uint64_t hash = Murmur(element, 0xadc83b19);
  // A 1 behind the last bit, so that there is one.
  const uint64_t rest = hash >> kIndexBits | uint64_t{1} << kHashBits;
  return {static_cast<size_t>(hash % kRegisters), static_cast<uint8_t>(std::countr_zero(rest) + 1)};
}

uint8_t DenseRegister(const char* bytes, size_t index) {
  const auto* registers = reinterpret_cast<const unsigned char*>(bytes) + kHeaderBytes;
  const size_t at = index * 6 / 8;
  const size_t shift = index * 6 % 8;
  unsigned value = registers[at] >> shift;
  if (shift > 2) value |= static_cast<unsigned>(registers[at + 1]) << (8 - shift);
  return static_cast<uint8_t>(value & 63);
}

void SetDenseRegister(char* bytes, size_t index, uint8_t value) {
  auto* registers = reinterpret_cast<unsigned char*>(bytes) + kHeaderBytes;
  const size_t at = index * 6 / 8;
  const size_t shift = index * 6 % 8;
  registers[at] = static_cast<unsigned char>((registers[at] & ~(63u << shift)) | unsigned{value} << shift);
  if (shift > 2) {
    registers[at + 1] =
        static_cast<unsigned char>((registers[at + 1] & ~(63u >> (8 - shift))) | unsigned{value} >> (8 - shift));
  }
}

Added RaiseDense(char* bytes, Place place) {
  if (place.value <= DenseRegister(bytes, place.index)) return Added::kUnchanged;
  SetDenseRegister(bytes, place.index, place.value);
  return Added::kChanged;
}

// One run of a sparse string.
struct Run {
  uint8_t value;
  size_t length;
  size_t bytes;  // that it is written in
};

// The run at `at`; nothing if the string ends in the middle of it. Requires: at < bytes.size().
std::optional<Run> ReadRun(Bytes bytes, size_t at) {
  const auto first = static_cast<unsigned char>(bytes[at]);
  if ((first & 0x80) != 0) return Run{static_cast<uint8_t>((first >> 2 & 31) + 1), size_t{first & 3u} + 1, 1};
  if ((first & 0x40) == 0) return Run{0, size_t{first & 63u} + 1, 1};
  if (at + 1 >= bytes.size()) return std::nullopt;
  return Run{0, (size_t{first & 63u} << 8 | static_cast<unsigned char>(bytes[at + 1])) + 1, 2};
}

// Calls fn(index, run) for each run. False if the runs are not those of 16384 registers.
template <class Fn>
bool ForEachRun(Bytes bytes, Fn&& fn) {
  size_t index = 0;
  for (size_t at = kHeaderBytes; at < bytes.size();) {
    const auto run = ReadRun(bytes, at);
    if (!run || index + run->length > kRegisters) return false;
    fn(index, *run);
    index += run->length;
    at += run->bytes;
  }
  return index == kRegisters;
}

// The few bytes that take the place of one run.
class RunText {
 public:
  void Zeros(size_t length) {
    if (length == 0) return;
    if (length > kLongestZeros) {
      Put(0x40 | (length - 1) >> 8);
      Put((length - 1) & 0xff);
    } else {
      Put(length - 1);
    }
  }
  void Values(uint8_t value, size_t length) {
    if (length != 0) Put(0x80 | (value - size_t{1}) << 2 | (length - 1));
  }
  Bytes text() const { return Bytes(bytes_, size_); }

 private:
  void Put(size_t byte) { bytes_[size_++] = static_cast<char>(byte); }
  char bytes_[5];
  size_t size_ = 0;
};

// Joins neighbouring runs of equal values that fit one byte, among five runs from `at` on.
void JoinRuns(std::string& bytes, size_t at) {
  for (int looks = 5; at < bytes.size() && looks > 0; --looks) {
    const auto run = ReadRun(bytes, at);
    if (!run) return;
    const auto next = at + 1 < bytes.size() ? ReadRun(bytes, at + 1) : std::nullopt;
    if (run->value != 0 && next && next->value == run->value && run->length + next->length <= kLongestRun) {
      RunText joined;
      joined.Values(run->value, run->length + next->length);
      bytes.replace(at, 2, joined.text());
      continue;  // with the same place: the joined run may fit the one after it, too
    }
    at += run->bytes;
  }
}

Added RaiseSparse(std::string& bytes, Place place, size_t limit) {
  const auto promoted = [&] {
    if (!MakeDense(bytes)) return Added::kCorrupt;
    return RaiseDense(bytes.data(), place);
  };
  if (place.value > kGreatestSparse) return promoted();
  // The run that holds the register, and where the one before it is.
  size_t first = 0;
  size_t at = kHeaderBytes;
  size_t previous = kHeaderBytes;
  std::optional<Run> run;
  for (;;) {
    if (at >= bytes.size()) return Added::kCorrupt;
    run = ReadRun(bytes, at);
    if (!run) return Added::kCorrupt;
    if (place.index < first + run->length) break;
    first += run->length;
    previous = at;
    at += run->bytes;
  }
  if (run->value >= place.value) return Added::kUnchanged;
  RunText text;
  const size_t before = place.index - first;
  const size_t after = run->length - before - 1;
  if (run->value == 0) {
    text.Zeros(before);
    text.Values(place.value, 1);
    text.Zeros(after);
  } else {
    text.Values(run->value, before);
    text.Values(place.value, 1);
    text.Values(run->value, after);
  }
  const size_t grown = bytes.size() - run->bytes + text.text().size();
  if (grown > bytes.size() && grown > limit) return promoted();
  bytes.replace(at, run->bytes, text.text());
  JoinRuns(bytes, previous);
  DropCached(bytes.data());
  return Added::kChanged;
}

// The corrections of Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017) for
// registers that are full and that are empty.
double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  double before;
  do {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= std::pow(1 - x, 2) * y;
  } while (before != z);
  return z / 3;
}

double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  double before;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (before != z);
  return z;
}

}  // namespace

bool Check(Bytes bytes) {
  if (bytes.size() < kHeaderBytes || std::memcmp(bytes.data(), kMagic, sizeof(kMagic)) != 0) return false;
  return bytes[kEncodingAt] == kSparse || (bytes[kEncodingAt] == kDense && bytes.size() == kDenseBytes);
}

std::string Empty() {
  std::string bytes(kHeaderBytes, '\0');
  std::copy(std::begin(kMagic), std::end(kMagic), bytes.begin());
  bytes[kEncodingAt] = kSparse;
  RunText zeros;
  zeros.Zeros(kRegisters);
  return bytes.append(zeros.text());
}

bool IsDense(Bytes bytes) { return bytes[kEncodingAt] == kDense; }

bool MakeDense(std::string& bytes) {
  if (IsDense(bytes)) return true;
  std::string dense(kDenseBytes, '\0');
  std::copy_n(bytes.begin(), kHeaderBytes, dense.begin());
  dense[kEncodingAt] = kDense;
  const bool whole = ForEachRun(bytes, [&](size_t index, const Run& run) {
    if (run.value == 0) return;
    for (size_t i = index; i < index + run.length; ++i) SetDenseRegister(dense.data(), i, run.value);
  });
  if (whole) bytes = std::move(dense);
  return whole;
}

Added AddDense(char* bytes, Bytes element) { return RaiseDense(bytes, PlaceOf(element)); }

Added Add(std::string& bytes, Bytes element, size_t sparse_limit) {
  const Place place = PlaceOf(element);
  return Raise(bytes, place.index, place.value, sparse_limit);
}

Added Raise(std::string& bytes, size_t index, uint8_t value, size_t sparse_limit) {
  if (IsDense(bytes)) return RaiseDense(bytes.data(), {index, value});
  return RaiseSparse(bytes, {index, value}, sparse_limit);
}

bool Merge(Registers& registers, Bytes bytes) {
  if (IsDense(bytes)) {
    for (size_t i = 0; i < kRegisters; ++i) registers[i] = std::max(registers[i], DenseRegister(bytes.data(), i));
    return true;
  }
  return ForEachRun(bytes, [&](size_t index, const Run& run) {
    for (size_t i = index; i < index + run.length; ++i) registers[i] = std::max(registers[i], run.value);
  });
}

uint64_t Estimate(const Registers& registers) {
  std::array<int, 64> histogram{};
  for (const uint8_t value : registers) ++histogram[value];
  constexpr auto kM = static_cast<double>(kRegisters);
  constexpr double kAlpha = 0.721347520444481703680;  // 0.5 / ln 2
  double z = kM * Tau((kM - histogram[kHashBits + 1]) / kM);
  for (size_t k = kHashBits; k >= 1; --k) {
    z += histogram[k];
    z *= 0.5;
  }
  z += kM * Sigma(histogram[0] / kM);
  return static_cast<uint64_t>(std::llroundl(kAlpha * kM * kM / z));
}

std::optional<uint64_t> Cached(Bytes bytes) {
  uint64_t cardinality = 0;
  for (size_t i = 8; i-- > 0;) cardinality = cardinality << 8 | static_cast<unsigned char>(bytes[kCachedAt + i]);
  if ((cardinality >> 63) != 0) return std::nullopt;
  return cardinality;
}

void SetCached(char* bytes, uint64_t cardinality) {
  for (size_t i = 0; i < 8; ++i, cardinality >>= 8) bytes[kCachedAt + i] = static_cast<char>(cardinality & 0xff);
}

void DropCached(char* bytes) { bytes[kCachedAt + 7] = static_cast<char>(bytes[kCachedAt + 7] | kStale); }

std::optional<std::string> Describe(Bytes bytes) {
  std::string text;
  const bool whole = ForEachRun(bytes, [&](size_t, const Run& run) {
    if (!text.empty()) text += ' ';
    if (run.value != 0) {
      text += "v:" + std::to_string(run.value) + ',' + std::to_string(run.length);
    } else {
      text += (run.bytes == 1 ? "z:" : "Z:") + std::to_string(run.length);
    }
  });
  if (!whole) return std::nullopt;
  return text;
}

}  // namespace dualis::hll
