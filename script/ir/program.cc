#include "script/ir/program.h"

namespace dualis::script {

Bytes Program::name() const { return data_->name; }
const std::vector<std::string>& Program::keys() const { return data_->keys; }
const std::vector<std::string>& Program::args() const { return data_->args; }
const std::string& Program::hash() const { return data_->hash; }
const std::vector<std::string>& Program::commands() const { return data_->commands; }
bool Program::keys_are_declared() const { return data_->keys_are_declared; }
std::string Program::ToText() const { return ir::ProgramText(*data_); }
std::string Program::ToJson() const { return ir::ProgramJson(*data_, ir::JsonScope::kAll); }

Result<Program> Program::FromJson(Bytes json) {
  auto data = ir::LoadJson(json);
  if (!data) return data.error();
  return Program(*data);
}

}  // namespace dualis::script
