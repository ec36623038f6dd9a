// The places where a script can run, one interface: natively over commands of any kind, as Lua on a private
// redis-server, as Lua on the embedded engine.
#ifndef DUALIS_TESTS_SCRIPT_HOMES_H_
#define DUALIS_TESTS_SCRIPT_HOMES_H_

#include <memory>
#include <string>
#include <vector>

#include "dualis/engine.h"
#include "dualis/script.h"
#include "tests/runner/oracle_server.h"

namespace dualis::script {

class Home {
 public:
  virtual ~Home() = default;
  virtual std::string name() const = 0;
  // False if this home lacks a command of the program, as long as the engine is not complete.
  virtual bool Has(const Program& program) const = 0;
  virtual Result<Value> Run(const Program& program, const std::vector<std::string>& keys,
                            const std::vector<Value>& args, std::string* place = nullptr) = 0;
  // A command from outside, for setting up and looking: the reply as text of a case file, lines joined by '\n'.
  virtual std::string Do(const std::vector<std::string>& words) = 0;
};

// A redis-server of its own, shared by the homes that need one.
struct Server {
  cases::OracleServer server;
  cases::OracleSocket socket{server.socket_path()};
};

std::unique_ptr<Home> LuaOnServer(std::shared_ptr<Server> server);
// The interpreter, its commands sent to redis-server.
std::unique_ptr<Home> NativeOnServer(std::shared_ptr<Server> server);
std::unique_ptr<Home> NativeOnEngine();
std::unique_ptr<Home> LuaOnEngine();
// All of them.
std::vector<std::unique_ptr<Home>> AllHomes();

// A value as text, the same for the same value only: None, true, 1.5, "a\xff", [1, 2], {"k": 1}.
std::string Repr(const Value& value);
// The value, or "! " and the error.
std::string Repr(const Result<Value>& result);

// Compares with a committed text, line by line; with DUALIS_UPDATE_GOLDEN in the environment writes it instead.
void ExpectGolden(const std::string& file, const std::string& text);

}  // namespace dualis::script

#endif  // DUALIS_TESTS_SCRIPT_HOMES_H_
