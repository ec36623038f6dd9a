#include "engine/rdb/dump.h"

#include <cstring>

#include "engine/rdb/crc64.h"
#include "engine/rdb/output.h"
#include "engine/rdb/save_value.h"

namespace dualis::rdb {
namespace {

std::string Sealed(Output& out, int version) {
  out.Fixed(static_cast<uint16_t>(version));
  out.Fixed(out.checksum());
  return out.TakeAll();
}

}  // namespace

std::string Dump(const Entry& entry) {
  Output out(nullptr);
  const ValueForm form = FormOf(entry);
  out.Byte(form);
  SaveValue(entry, out);
  return Sealed(out, VersionOf(form));
}

bool IsSoundDump(Bytes dump) {
  if (dump.size() < kDumpFooterBytes) return false;
  const char* footer = dump.data() + dump.size() - kDumpFooterBytes;
  uint16_t version;
  uint64_t sum;
  std::memcpy(&version, footer, sizeof(version));
  std::memcpy(&sum, footer + sizeof(version), sizeof(sum));
  return version <= kNewestVersion && sum == Crc64(0, dump.substr(0, dump.size() - sizeof(sum)));
}

std::optional<LoadedValue> ReadDump(Bytes dump, const Surroundings& around) {
  Input in(dump.substr(0, dump.size() - kDumpFooterBytes));
  const uint8_t form = in.Byte();
  LoadedValue value = LoadValue(in, form, around);
  if (!in.ok() || value.empty()) return std::nullopt;
  return value;
}

std::string DumpFunctions(std::span<const Bytes> codes) {
  Output out(nullptr);
  for (Bytes code : codes) {
    out.Byte(kOpFunction);
    out.String(code);
  }
  return Sealed(out, kVersion);
}

std::optional<std::vector<std::string>> ReadFunctionDump(Bytes dump) {
  Input in(dump.substr(0, dump.size() - kDumpFooterBytes));
  std::vector<std::string> codes;
  std::string scratch;
  while (in.ok() && !in.AtEnd()) {
    if (in.Byte() != kOpFunction) return std::nullopt;
    codes.emplace_back(in.String(scratch));
  }
  if (!in.ok()) return std::nullopt;
  return codes;
}

}  // namespace dualis::rdb
