#include "script/ir/program.h"

#include <algorithm>

namespace dualis::script {

Bytes Program::name() const { return data_->name; }
const std::vector<std::string>& Program::keys() const { return data_->keys; }
const std::vector<std::string>& Program::args() const { return data_->args; }
const std::string& Program::hash() const { return data_->hash; }
const std::vector<std::string>& Program::commands() const { return data_->commands; }
bool Program::keys_are_declared() const { return data_->keys_are_declared; }
bool Program::keys_are_derived() const { return data_->keys_are_derived; }
const std::vector<TouchedKey>& Program::touched_keys() const { return data_->touched; }
bool Program::read_only() const { return data_->read_only; }
std::string Program::ToText() const { return ir::ProgramText(*data_); }
std::string Program::ToJson() const { return ir::ProgramJson(*data_, ir::JsonScope::kAll); }

namespace {

// The part of a key that decides its slot; nothing if that is the whole key.
Bytes HashTag(Bytes key) {
  const size_t open = key.find('{');
  if (open == Bytes::npos) return {};
  const size_t close = key.find('}', open + 1);
  return close == Bytes::npos ? Bytes() : key.substr(open + 1, close - open - 1);
}

// CRC16 of XMODEM, of which a slot is the lowest 14 bits.
unsigned Slot(Bytes key) {
  const Bytes tag = HashTag(key);
  unsigned crc = 0;
  for (char c : tag.empty() ? key : tag) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc & 0x3fff;
}

}  // namespace

bool SafeOnCluster(const Program& program, std::span<const Bytes> keys) {
  if (!program.keys_are_declared() || keys.size() != program.keys().size()) return false;
  for (Bytes key : keys) {
    if (Slot(key) != Slot(keys[0])) return false;
  }
  for (const TouchedKey& touched : program.touched_keys()) {
    for (size_t i = 0; touched.longer && i < keys.size(); ++i) {
      const auto& names = touched.keys;
      if (std::find(names.begin(), names.end(), program.keys()[i]) != names.end() && HashTag(keys[i]).empty())
        return false;
    }
  }
  return true;
}

Result<Program> Program::FromJson(Bytes json) {
  auto data = ir::LoadJson(json);
  if (!data) return data.error();
  return Program(*data);
}

}  // namespace dualis::script
