// Redis' file format, RDB: what the bytes mean. Numbers are low byte first where nothing else is said.
//
//   file:    | "REDIS" | version, 4 digits | item ... | 255 | crc64 u64, 0: none |
//   item:    | 250 | name string | text string |                        a remark about the file
//            | 245 | code string |                                      a library of functions
//            | 254 | number length |                                    what follows is in this database
//            | 251 | keys length | keys that expire length |            a hint
//            | 252 | milliseconds i64 |  or  | 253 | seconds i32 |      of the next key: when it expires
//            | 248 | seconds length |  or  | 249 | counter u8 |         of the next key: LRU, LFU
//            | type u8 | key string | value |
//   DUMP:    | type u8 | value | version u16 | crc64 u64 |
//
//   length:  00nnnnnn             6 bits
//            01nnnnnn n           14 bits, high byte first
//            10000000 nnnn        32 bits, high byte first
//            10000001 nnnnnnnn    64 bits, high byte first
//   string:  length, bytes
//            11000000 i8, 11000001 i16, 11000010 i32            an integer, standing for its text
//            11000011 packed length, length, packed bytes       compressed by liblzf
//
// The values are described in load_value.cc. Written is version 10, which Redis 7.0 reads; 12 only for hashes with
// fields that expire, which need it.
#ifndef DUALIS_ENGINE_RDB_FORMAT_H_
#define DUALIS_ENGINE_RDB_FORMAT_H_

#include <cstddef>
#include <cstdint>

#include "dualis/bytes.h"

namespace dualis::rdb {

inline constexpr Bytes kMagic = "REDIS";
inline constexpr int kVersion = 10;
inline constexpr int kVersionOfFieldExpiry = 12;
inline constexpr int kNewestVersion = 12;
// From here on a file ends with a checksum.
inline constexpr int kVersionOfChecksum = 5;

enum Opcode : uint8_t {
  kOpSlotInfo = 244,
  kOpFunction = 245,
  kOpFunctionPreview = 246,
  kOpModuleAux = 247,
  kOpIdle = 248,
  kOpFreq = 249,
  kOpAux = 250,
  kOpResizeDb = 251,
  kOpExpireMs = 252,
  kOpExpireSeconds = 253,
  kOpSelectDb = 254,
  kOpEnd = 255,
};

// How a value is written. The names say type and form.
enum ValueForm : uint8_t {
  kFormString = 0,
  kFormList = 1,
  kFormSet = 2,
  kFormZSetText = 3,
  kFormHash = 4,
  kFormZSet = 5,
  kFormModulePreview = 6,
  kFormModule = 7,
  kFormHashZipmap = 9,
  kFormListZiplist = 10,
  kFormSetInts = 11,
  kFormZSetZiplist = 12,
  kFormHashZiplist = 13,
  kFormListOfZiplists = 14,
  kFormStream = 15,
  kFormHashListpack = 16,
  kFormZSetListpack = 17,
  kFormListOfListpacks = 18,
  kFormStream2 = 19,
  kFormSetListpack = 20,
  kFormStream3 = 21,
  kFormHashExpiringPreview = 22,
  kFormHashExpiringListpackPreview = 23,
  kFormHashExpiring = 24,
  kFormHashExpiringListpack = 25,
};

// The first byte of a length whose six low bits say how a string is encoded.
inline constexpr uint8_t kEncoded = 0xc0;
enum StringEncoding : uint8_t { kInt8 = 0, kInt16 = 1, kInt32 = 2, kLzf = 3 };

// A node of kFormListOfListpacks: one long text, or a listpack.
enum ListNode : uint8_t { kPlainNode = 1, kPackedNode = 2 };

// What follows value and version of a DUMP.
inline constexpr size_t kDumpFooterBytes = 10;

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_FORMAT_H_
