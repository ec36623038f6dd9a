#include "tests/model/generator.h"

#include <algorithm>
#include <map>

namespace dualis::model {
namespace {

using Type = ArgDoc::Type;

bool IsData(Group group) {
  switch (group) {
    case Group::kString:
    case Group::kBitmap:
    case Group::kList:
    case Group::kHash:
    case Group::kSet:
    case Group::kSortedSet:
    case Group::kGeo:
    case Group::kHyperLogLog:
    case Group::kStream:
    case Group::kGeneric:
      return true;
    default:
      return false;
  }
}

// What redis-server 7.0 does not have, what has nothing to compare, and what ends or stops the peer.
bool IsLeftOut(Bytes name) {
  static const std::vector<Bytes> kNames = {
      "DUMP",       "RESTORE-ASKING", "MIGRATE",  "WAIT",         "WAITAOF",     "PFDEBUG",
      "PFSELFTEST", "HEXPIRE",        "HPEXPIRE", "HEXPIREAT",    "HPEXPIREAT",  "HTTL",
      "HPTTL",      "HEXPIRETIME",    "HPERSIST", "HPEXPIRETIME", "OBJECT FREQ", "OBJECT REFCOUNT"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// Commands about no key that are worth their place among the others.
bool IsWelcome(Bytes name) {
  static const std::vector<Bytes> kNames = {"PING",     "ECHO",   "DBSIZE",  "FLUSHDB",
                                            "FLUSHALL", "SWAPDB", "PUBLISH", "SPUBLISH"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

const char* HomeOf(Group group) {
  switch (group) {
    case Group::kBitmap:
    case Group::kString:
      return "str";
    case Group::kList:
      return "list";
    case Group::kHash:
      return "hash";
    case Group::kSet:
      return "set";
    case Group::kSortedSet:
      return "zset";
    case Group::kGeo:
      return "geo";
    case Group::kHyperLogLog:
      return "hll";
    case Group::kStream:
      return "stream";
    default:
      return nullptr;
  }
}

const std::vector<std::string> kHomes = {"str", "list", "hash", "set", "zset", "geo", "hll", "stream"};
const std::vector<std::string> kMembers = {"a",
                                           "b",
                                           "c",
                                           "d",
                                           "e",
                                           "1",
                                           "2",
                                           "3",
                                           "10",
                                           "-7",
                                           "3.25",
                                           "",
                                           "x y",
                                           std::string("\xff\0z", 3),
                                           "3000000000",
                                           "B",
                                           "w1",
                                           std::string(70, 'L'),
                                           "10000000000000000000"};
const std::vector<std::string> kEdges = {
    "9223372036854775807", "-9223372036854775808", "4294967296", "9223372036854775808", "-1", "0", "1"};
const std::vector<std::string> kNoNumbers = {"abc", "1.5", " 1", "", "01", "+1", "1e3", "0x10", "nan"};
const std::vector<std::string> kScripts = {
    "return redis.call(unpack(ARGV))",
    "local r = redis.pcall(unpack(ARGV)) if type(r) == 'table' and r.err then return r end return {1, r}",
    "redis.call('SET', 'str1', 'from script') return redis.call(unpack(ARGV))"};

bool Has(Bytes text, Bytes part) { return text.find(part) != Bytes::npos; }

}  // namespace

Generator::Generator(const CommandTable& table, uint64_t seed, const std::string& only) : random_(seed) {
  const std::regex wanted(only.empty() ? ".*" : only, std::regex::icase);
  for (const CommandRow* row : table.rows()) {
    if (row->run == nullptr || IsLeftOut(row->name()) || Has(row->name(), " HELP")) continue;
    if (!IsData(row->info->group) && !IsWelcome(row->name())) continue;
    if (!std::regex_search(row->name().begin(), row->name().end(), wanted)) continue;
    rows_.push_back(row);
    if (row->is(kDenyOom)) writes_.push_back(row);
  }
}

void Generator::Next(std::vector<Action>* out) {
  const int connection = Chance(12) ? 1 : 0;
  if (Chance(1)) {
    out->push_back(
        {connection, {"ZADD", "lex" + std::to_string(1 + Below(3)), "0", Pick(kMembers), "0", Pick(kMembers)}});
    return;
  }
  if (!Chance(4)) {
    Append(connection, out);
    return;
  }
  if (Chance(50)) out->push_back({connection, {"WATCH", Key(), Key()}});
  if (Chance(40)) Append(1 - connection, out);
  if (Chance(20)) Append(connection, out);
  out->push_back({connection, {"MULTI"}});
  for (uint64_t n = Below(6); n > 0; --n) Append(connection, out);
  if (Chance(20)) Append(1 - connection, out);
  out->push_back({connection, {Chance(90) ? "EXEC" : "DISCARD"}});
}

void Generator::Append(int connection, std::vector<Action>* out) {
  Words words = Command();
  const bool groups = row_->name() == "XGROUP CREATE" || row_->name() == "XGROUP DELCONSUMER";
  // 7.2 creates a consumer that claims nothing, 7.0 does not: it is there already, whatever word names it.
  if ((row_->name() == "XCLAIM" || row_->name() == "XAUTOCLAIM") && words.size() > 3) {
    out->push_back({connection, {"XGROUP", "CREATECONSUMER", words[1], words[2], words[3]}});
  }
  // Redis 7.0 refuses commands that wait in scripts, 7.2 does not wait.
  if (Chance(6) && !groups && !row_->is(kBlocking)) {
    words.insert(words.begin(), {"EVAL", Pick(kScripts), "0"});
  }
  out->push_back({connection, words});
  for (const char* consumer : {"c1", "c2"}) {
    if (groups && words.size() > 3) {
      out->push_back({connection, {"XGROUP", "CREATECONSUMER", words[2], words[3], consumer}});
    }
  }
}

Words Generator::Command() {
  while (true) {
    const std::vector<const CommandRow*>& from = !writes_.empty() && Chance(40) ? writes_ : rows_;
    const CommandRow& row = *from[Below(from.size())];
    // Else nothing lives long enough to be met again.
    const Bytes name = row.name();
    const bool sweeping =
        name == "FLUSHDB" || name == "FLUSHALL" || name == "SWAPDB" || name == "DEL" || name == "UNLINK";
    if (sweeping && !Chance(name == "DEL" || name == "UNLINK" ? 30 : 4)) continue;
    Words words = Of(row);
    // ZRANK has a fourth word in 7.2; the others would be left to chance.
    if (Has(name, "RANK") || Has(name, "SCAN") || name == "SPOP" || name == "XGROUP SETID" || row.is(kBlocking))
      return words;
    if (Chance(4)) Damage(&words);
    return words;
  }
}

Words Generator::Of(const CommandRow& row) {
  row_ = &row;
  Words words;
  const Bytes name = row.name();
  for (size_t at = 0; at <= name.size();) {
    const size_t end = std::min(name.find(' ', at), name.size());
    words.emplace_back(name.substr(at, end - at));
    at = end + 1;
  }
  if (name == "BITFIELD" || name == "BITFIELD_RO") {
    words.push_back(Key());
    Operations(&words);
  } else if (name == "SPOP") {
    words.insert(words.end(), {Key(), "1000"});  // which members go is chance unless all do
  } else {
    Arguments(row.describe().args, &words);
  }
  const auto holds = [&](const char* word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  // Elements without weights have no order among each other, and Redis unpacks a sorted set that it sorts.
  if (name == "SORT" || name == "SORT_RO") {
    const auto by = std::find(words.begin(), words.end(), "BY");
    if (by != words.end() && by + 1 != words.end()) {
      if (!Has(by[1], "*")) by[1] = "w_*";  // else the order is a set's own
      std::erase(words, "ALPHA");
    }
    if (words[1].substr(0, 4) == "zset") words[1].replace(0, 4, "list");
  }
  // A whole scan in one step: how a table is cut into steps is nobody's business.
  if (Has(name, "SCAN") && !holds("COUNT")) words.insert(words.end(), {"COUNT", "1000000"});
  // What a range by members gives where scores differ is unspecified: such ranges have sorted sets of their own.
  if (Has(name, "LEX") || holds("BYLEX")) {
    words[name == "ZRANGESTORE" ? 2 : 1] = "lex" + std::to_string(1 + Below(3));
  }
  return words;
}

void Generator::Damage(Words* words) {
  switch (Below(4)) {
    case 0:
      if (words->size() > 1) words->erase(words->begin() + 1 + static_cast<ptrdiff_t>(Below(words->size() - 1)));
      break;
    case 1:
      words->push_back((*words)[Below(words->size())]);
      break;
    case 2:
      (*words)[Below(words->size() - (words->size() > 1)) + (words->size() > 1)] = Pick(kNoNumbers);
      break;
    default:
      for (char& c : (*words)[Below(words->size())]) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
}

void Generator::Arguments(const std::vector<ArgDoc>& args, Words* out) {
  for (size_t i = 0; i < args.size(); ++i) {
    const ArgDoc& arg = args[i];
    const bool counts = arg.name == "numkeys" && i + 1 < args.size() && args[i + 1].type == Type::kKey;
    const bool halves = arg.type == Type::kKey && arg.multiple && i + 1 < args.size() && args[i + 1].multiple &&
                        args[i + 1].type == Type::kString && Has(args[i + 1].name, "id");
    if (counts || halves) {
      const uint64_t n = 1 + Below(3);
      if (counts) out->push_back(Chance(96) ? std::to_string(n) : Integer("count"));
      for (uint64_t k = 0; k < n; ++k) out->push_back(Key());
      for (uint64_t k = 0; halves && k < n; ++k) out->push_back(StreamId("lastid"));
      ++i;
      continue;
    }
    if (arg.optional && !Chance(arg.type == Type::kPureToken || !arg.token.empty() ? 18 : 40)) continue;
    const uint64_t times = arg.multiple ? 1 + Below(Chance(10) ? 12 : 3) : 1;
    for (uint64_t n = 0; n < times; ++n) Argument(arg, out);
  }
}

void Generator::Argument(const ArgDoc& arg, Words* out) {
  // Of 7.2 and 7.4, or checked from 7.2 on.
  if (arg.token == "WITHSCORE" || arg.token == "NOVALUES" || arg.token == "MAXDELETEDID") return;
  if (arg.type == Type::kOneOf) {
    Argument(arg.parts[Below(arg.parts.size())], out);
    return;
  }
  if (!arg.token.empty()) out->emplace_back(arg.token);
  if (arg.type == Type::kBlock) {
    Arguments(arg.parts, out);
  } else if (arg.type != Type::kPureToken) {
    Value(arg, out);
  }
}

void Generator::Value(const ArgDoc& arg, Words* out) {
  const Bytes name = arg.token.empty() ? arg.name : arg.token;
  if (name == "milliseconds" && row_->is(kBlocking)) {
    out->push_back(Chance(5) ? "x" : "1");  // zero would wait for good
    return;
  }
  if (name == "timeout") {
    out->push_back(Chance(5) ? "x" : "0.001");
    return;
  }
  switch (arg.type) {
    case Type::kKey:
      out->push_back(Key());
      break;
    case Type::kInteger:
      out->push_back(Integer(name));
      break;
    case Type::kDouble:
      out->push_back(Double(name));
      break;
    case Type::kPattern: {
      static const std::vector<std::string> kPatterns = {"*",     "str*", "[lhs]*1", "?",       "a*",
                                                         "*[^1]", "\\*",  "w_*",     "hash*->a"};
      out->push_back(Pick(kPatterns));
      break;
    }
    default:
      out->push_back(row_->info->group == Group::kStream ? StreamId(name) : String(name));
  }
}

std::string Generator::Key() {
  const char* home = row_ == nullptr ? nullptr : HomeOf(row_->info->group);
  const std::string number = std::to_string(1 + Below(3));
  if (Chance(3)) return "none" + number;
  if (row_ != nullptr && row_->info->group == Group::kGeo && Chance(10)) return "zset" + number;
  if (home != nullptr && !Chance(5)) return home + number;
  return Pick(kHomes) + number;
}

std::string Generator::Integer(Bytes name) {
  if (Chance(3)) return Pick(kNoNumbers);
  const Bytes command = row_->name();
  if (name == "cursor") return "0";
  if (name == "offset" && row_->info->group == Group::kBitmap)
    return Chance(3) ? "4294967296" : std::to_string(Below(200));
  if (name == "COUNT" && (Has(command, "SCAN"))) return Chance(90) ? "1000000" : "0";
  // Nothing in these sequences lives long enough to expire while they run.
  const bool expiry = Has(command, "EXPIRE") || command == "SETEX" || command == "PSETEX" || command == "RESTORE";
  if (name == "EX" || name == "PX" || name == "EXAT" || name == "PXAT" || expiry) {
    const bool absolute = Has(name, "AT") || Has(command, "EXPIREAT");
    if (Chance(12)) return Chance(50) ? "-1" : "0";
    if (Chance(4)) return Chance(50) ? "9223372036854775807" : "-9223372036854775808";
    // SET keeps a key that is dead already until somebody looks; EXPIREAT deletes it.
    if (absolute && Has(command, "EXPIREAT") && Chance(15)) return "1";
    const bool ms = name.substr(0, 1) == "P" || command.substr(0, 1) == "P";
    return std::to_string(((absolute ? 4102444800 : 1000000) + Below(50000000)) * (ms ? 1000 : 1));
  }
  if (name == "db" || name == "DB" || Has(name, "index1") || Has(name, "index2"))
    return Chance(95) ? std::to_string(Below(3)) : "99";
  if (Has(command, "SETRANGE")) return std::to_string(static_cast<int64_t>(Below(60)) - 2);
  if (Chance(5) && name != "RANK" && !Has(command, "RANDMEMBER") && !Has(command, "RANDFIELD")) return Pick(kEdges);
  return std::to_string(static_cast<int64_t>(Below(16)) - 4);
}

std::string Generator::Double(Bytes name) {
  static const std::vector<std::string> kOdd = {"inf", "-inf", "nan", "abc", "1e400", "", "0x1p3", "1e-5", "-0"};
  if (name == "longitude") return Chance(3) ? "181" : std::to_string(static_cast<int>(Below(40)) - 20) + ".5";
  if (name == "latitude") return Chance(3) ? "90" : std::to_string(static_cast<int>(Below(40)) - 20) + ".25";
  if (Has(name, "radius") || Has(name, "width") || Has(name, "height"))
    return Chance(4) ? "-1" : std::to_string(Below(3000));
  if (Chance(6)) return Pick(kOdd);
  const int64_t n = static_cast<int64_t>(Below(24)) - 8;
  return std::to_string(n / 2) + (n % 2 != 0 ? ".5" : "");
}

std::string Generator::Border() {
  static const std::vector<std::string> kOdd = {"-inf", "+inf", "inf", "-",   "+",     "abc",
                                                "(inf", "(",    "[",   "nan", "(-inf", "["};
  switch (Below(8)) {
    case 0:
      return Pick(kOdd);
    case 1:
      return "[" + Pick(kMembers);
    case 2:
      return "(" + Pick(kMembers);
    case 3:
      return "(" + std::to_string(Below(8));
    default:
      return std::to_string(static_cast<int64_t>(Below(12)) - 4);
  }
}

std::string Generator::StreamId(Bytes name) {
  const Bytes command = row_->name();
  if (Has(name, "group")) return "g" + std::to_string(1 + Below(2));
  if (name == "GROUP") return "g" + std::to_string(1 + Below(2));
  if (Has(name, "consumer")) return "c" + std::to_string(1 + Below(2));
  if (Has(name, "field") || Has(name, "value")) return Pick(kMembers);
  if (command == "XADD" && Chance(75)) return std::to_string(next_id_++) + (Chance(30) ? "-*" : Chance(50) ? "-1" : "");
  static const std::vector<std::string> kOdd = {"0", "0-0", "-",     "+",  ">",
                                                "$", "abc", "1-1-1", "(1", "18446744073709551615-18446744073709551615",
                                                "",  "-1",  "5-abc", "=",  "18446744073709551616"};
  // Behind all that was deleted: 7.0 does not look at that, 7.2 does.
  if (command == "XSETID") return std::to_string(next_id_ + Below(3));
  if (command == "XREAD") return Chance(10) ? "$" : std::to_string(Below(next_id_ + 1));
  if (command == "XREADGROUP" && Chance(60)) return ">";
  if (Chance(command == "XRANGE" || command == "XREVRANGE" || command == "XPENDING" ? 50 : 20)) return Pick(kOdd);
  const uint64_t id = Chance(50) ? Below(next_id_ + 2) : next_id_ - std::min(next_id_, Below(8));
  return std::to_string(id) + (Chance(50) ? "-1" : "");
}

std::string Generator::String(Bytes name) {
  const Group group = row_->info->group;
  const Bytes command = row_->name();
  if (name == "min" || name == "max" || (command == "ZRANGE" || command == "ZRANGESTORE") || Has(command, "ZRANGEBY") ||
      Has(command, "ZREVRANGEBY")) {
    return Border();
  }
  if (command == "RESTORE")
    return Chance(50) ? "garbage"
                      : std::string(
                            "\x00\x01"
                            "a\x0a\x00xxxxxxxx",
                            13);
  if (name == "cursor") return Chance(90) ? "0" : Chance(50) ? "abc" : "-x";
  if (name == "TYPE") return Chance(90) ? Pick(kHomes) == "str" ? "string" : "hash" : "nosuch";
  if (name == "operation") {
    static const std::vector<std::string> kOperations = {"AND", "OR", "XOR", "NOT", "and", "NAND"};
    return Pick(kOperations);
  }
  if (Has(name, "unit")) {
    static const std::vector<std::string> kUnits = {"m", "km", "ft", "mi", "KM", "parsec"};
    return Pick(kUnits);
  }
  if (name == "where" || name == "wherefrom" || name == "whereto") return Chance(50) ? "LEFT" : "RIGHT";
  if (name == "bit" || (group == Group::kBitmap && name == "value")) return Chance(95) ? std::to_string(Below(2)) : "2";
  if (name == "increment" || name == "decrement") return Integer("n");
  return Pick(kMembers);
}

// BITFIELD's language.
void Generator::Operations(Words* out) {
  static const std::vector<std::string> kTypes = {"u8", "i8", "i5", "u1", "u63", "i64", "u64", "i65", "i16", "x8"};
  static const std::vector<std::string> kWays = {"WRAP", "SAT", "FAIL", "sat", "NONE"};
  const bool reads = row_->is(kReadOnly);
  for (uint64_t n = Below(4); n > 0; --n) {
    const std::string offset = (Chance(30) ? "#" : "") + std::to_string(Below(40));
    const uint64_t what = reads && Chance(95) ? 0 : Below(4);
    if (what == 3) {
      out->insert(out->end(), {"OVERFLOW", Pick(kWays)});
    } else if (what == 0) {
      out->insert(out->end(), {"GET", Pick(kTypes), offset});
    } else {
      out->insert(out->end(),
                  {what == 1 ? "SET" : "INCRBY", Pick(kTypes), Chance(90) ? offset : Integer("n"), Integer("n")});
    }
  }
}

}  // namespace dualis::model
