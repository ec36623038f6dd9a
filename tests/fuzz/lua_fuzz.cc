// The libraries of scripts that read bytes: cjson, cmsgpack, struct, patterns, string.format, and the compiler itself.
// An input is the name of one, a blank, and its bytes; those of struct and of patterns are two, divided by a zero byte.
#include <memory>

#include "dualis/engine.h"
#include "tests/fuzz/fuzz.h"
#include "tests/rdb/contents.h"

namespace {

// Replies 'OK', or what is wrong. A value that was read and written once is a fixed point of reading and writing:
// before that numbers may lose digits, and deep values their depths.
constexpr char kScript[] = R"(
local function same(a, b)
  if type(a) ~= type(b) then return false end
  if type(a) ~= 'table' then return a == b or (a ~= a and b ~= b) end
  -- A table as a key is another table when it was read again.
  for k, v in pairs(a) do if type(k) ~= 'table' and not same(v, b[k]) then return false end end
  for k in pairs(b) do if type(k) ~= 'table' and a[k] == nil then return false end end
  return true
end
local function stable(read, write, text)
  local ok, value = pcall(read, text)
  if not ok then return true end
  local wrote, first = pcall(write, value)
  if not wrote then return true end
  local once = read(first)
  return same(once, read(write(once)))
end
local kind, a, b = ARGV[1], ARGV[2], ARGV[3]
if kind == 'json' then
  if not stable(cjson.decode, cjson.encode, a) then return 'cjson' end
elseif kind == 'pack' then
  if not stable(cmsgpack.unpack, cmsgpack.pack, a) then return 'cmsgpack' end
  pcall(cmsgpack.unpack_one, a, 1)
  pcall(cmsgpack.unpack_limit, a, 3, 2)
elseif kind == 'struct' then
  pcall(struct.size, a)
  local values = {pcall(struct.unpack, a, b)}
  if values[1] then pcall(struct.pack, a, unpack(values, 2)) end
elseif kind == 'pattern' then
  pcall(string.find, b, a)
  pcall(string.match, b, a, -3)
  pcall(string.gsub, b, a, '%0%1')
  pcall(string.gsub, b, 'x', a)
  pcall(function() for x in string.gmatch(b, a) do local y = x end end)
elseif kind == 'format' then
  pcall(string.format, a, b, 1, -2.5, b, 7)
elseif kind == 'compile' then
  if string.byte(a) == 27 and loadstring(a) then return 'bytecode was loaded' end
  loadstring(a)
end
return 'OK'
)";

}  // namespace

std::vector<std::string> dualis::fuzz::Seeds() {
  using namespace std::string_literals;  // NOLINT(google-build-using-namespace)
  return {
      R"(json {"a":[1,2.5,-3e10,true,false,null],"b":{"c":"x\u00e9\ud83d\ude00\n\/"},"":[],"1":{}})",
      R"(json [[[[[[1]]]]],"\\","",0.1,1e400,NaN,Infinity,0x10,[1,{}]])",
      "pack \x93\x01\xa3"
      "abc\x82\xa1k\xc0\xa1l\xc3"s,
      "pack \x94\xcd\x01\x02\xd1\xff\x00\xcb\x40\x09\x21\xfb\x54\x44\x2d\x18\xd9\x02hi"s,
      "pack \xdc\x00\x02\x91\x91\x01\xdf\x00\x00\x00\x01\x01\x02\xc6\x00\x00\x00\x01x\xce\x7f\xff\xff\xff"s,
      "struct <i4>hbBHlLfdsc3xi8\0abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrst"s,
      "struct !8 >I2 =d c0 s\0\x02\x00\x00\x00\x00\x00\x00\x00hello\x00"s,
      "pattern (%a+)%s*=%s*(%b())-.-[%w_]*%f[%d]$\0key = (a(b)c) 12"s,
      "pattern ^(.*)%1[^]a-%]]+()\0abcabc]"s,
      "pattern ((((((a*)*)*)*)b\0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"s,
      "format %5.2s|%q|%-10d|%+05.3f|%x|%c|%%|%i\0a\"b"s,
      "compile local a = {1, x = [[y]], ['z'] = function(...) return ... end} for i = 1, #a do a[i] = a[i] .. 'b' end"s,
      "compile \x1bLJ\x02\x02"s,
  };
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dualis;  // NOLINT(google-build-using-namespace)
  static const std::unique_ptr<Engine> engine = Engine::Create({.seed = 1});
  static const std::unique_ptr<Session> session = engine->Connect();
  static const test::Ask ask = test::AskEngine(*session);
  const std::string input(reinterpret_cast<const char*>(data), size);
  const size_t blank = std::min(input.find(' '), input.size());
  const std::string rest = input.substr(std::min(blank + 1, input.size()));
  const size_t zero = std::min(rest.find('\0'), rest.size());
  const std::string kind = input.substr(0, blank);
  const bool two = kind == "struct" || kind == "pattern" || kind == "format";
  const cases::ReplyTree reply = ask({"EVAL", kScript, "0", kind, two ? rest.substr(0, zero) : rest,
                                      two && zero < rest.size() ? rest.substr(zero + 1) : ""});
  fuzz::Check(reply.text == "OK", test::Text(reply).c_str());
  return 0;
}
