// HyperLogLog in Redis' own bytes, which live in an ordinary string: GET, SET and files exchange them with any Redis.
//
//   | "HYLL" | encoding u8 | 3 zero bytes | cardinality, 8 bytes, low byte first | registers ... |       16 + n bytes
//
//   The highest bit of the cardinality says that it is out of date.
//
//   dense   16384 registers of 6 bits, lowest bits first: 12288 bytes
//   sparse  runs of equal registers, in order, 16384 in all:
//           00nnnnnn            n + 1 registers of 0
//           01nnnnnn nnnnnnnn   n + 1 registers of 0, high bits first
//           1vvvvvnn            n + 1 registers of v + 1
//
// An element sets the register that 14 bits of its hash name to the position of the lowest 1 in the others. A sparse
// string becomes dense for good when a register exceeds 32 or the string its limit. Bytes come from users: nothing here
// trusts them beyond what Check has seen.
#ifndef DUALIS_ENGINE_TYPES_HYPERLOGLOG_H_
#define DUALIS_ENGINE_TYPES_HYPERLOGLOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "dualis/bytes.h"

namespace dualis::hll {

inline constexpr size_t kRegisters = 16384;
inline constexpr size_t kHeaderBytes = 16;
inline constexpr size_t kDenseBytes = kHeaderBytes + kRegisters * 6 / 8;

// All registers, a byte each.
using Registers = std::array<uint8_t, kRegisters>;

// Whether this is the string of a HyperLogLog, by its header and size. The other functions require it.
bool Check(Bytes bytes);
// A sparse one without elements.
std::string Empty();
bool IsDense(Bytes bytes);
// False if a sparse string is corrupt; then nothing changed.
bool MakeDense(std::string& bytes);

// What became of an addition.
enum class Added : uint8_t { kChanged, kUnchanged, kCorrupt };
// Adds an element. `sparse_limit`: bytes a sparse string may have.
Added Add(std::string& bytes, Bytes element, size_t sparse_limit);
// The same in place, for a dense one.
Added AddDense(char* bytes, Bytes element);
// Raises one register to `value`.
Added Raise(std::string& bytes, size_t index, uint8_t value, size_t sparse_limit);

// Raises `registers` to those of a string where they are greater. False if it is corrupt.
bool Merge(Registers& registers, Bytes bytes);

// How many elements these registers stand for.
uint64_t Estimate(const Registers& registers);

// The cardinality that is kept in the header, if it is up to date.
std::optional<uint64_t> Cached(Bytes bytes);
void SetCached(char* bytes, uint64_t cardinality);
void DropCached(char* bytes);

// PFDEBUG DECODE: the runs of a sparse string as text. Nothing if it is corrupt.
std::optional<std::string> Describe(Bytes bytes);

}  // namespace dualis::hll

#endif  // DUALIS_ENGINE_TYPES_HYPERLOGLOG_H_
