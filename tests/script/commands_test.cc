// Commands of scripts: by their structs, by symbolic keys, what becomes of their replies, and what programs say of the
// keys they touch.
#include "dualis/commands/collection_scans.h"
#include "dualis/commands/diagnostics.h"
#include "dualis/commands/geo_searches.h"
#include "dualis/commands/hashes.h"
#include "dualis/commands/keys.h"
#include "dualis/commands/lcs.h"
#include "dualis/commands/list_moves.h"
#include "dualis/commands/lists.h"
#include "dualis/commands/random_members.h"
#include "dualis/commands/sorted_sets.h"
#include "dualis/commands/stream_claims.h"
#include "dualis/commands/stream_groups.h"
#include "dualis/commands/streams.h"
#include "dualis/commands/strings.h"
#include "dualis/commands/zset_algebra.h"
#include "dualis/commands/zset_pops.h"
#include "dualis/into.h"
#include "dualis/script_commands.h"
#include "script/semantics/adapt.h"
#include "tests/script/every_home.h"

namespace dualis::script {
namespace {

using Commands = EveryHome;

TEST_F(Commands, ByTheirStructs) {
  FnContext ctx;
  const Expr key = ctx.add_key("k"), other = ctx.add_key("o"), stream = ctx.add_key("s");
  const Expr x = ctx.add_arg("x"), text = ctx.add_arg("text");
  const Local out = ctx.add_local(ListOf(), "out");
  const Sym k(key), o(other);
  auto tell = [&](const Expr& call) { out.append(call); };
  // Keys, reals, bytes, in groups; formulas beside literals.
  tell(ctx.call(cmd::ZAdd{.key = k, .members = {{Sym(x / 2), Sym(text)}, {1.5, "one"}}}));
  tell(ctx.call(cmd::ZAdd{.key = k, .members = {{Sym(x), Sym(text)}}, .if_exists = true, .changed = true}));
  tell(ctx.call(cmd::ZRange{
      .key = k, .start = "-inf", .stop = Sym(Strs("(", x)), .by = cmd::RangeBy::kScore, .with_scores = true}));
  tell(ctx.call(cmd::ZRange{.key = k, .start = 0, .stop = Sym(x - 5), .limit = {}}));
  // Words one after the other, numbers read late and at once.
  tell(ctx.call(cmd::RPush{.key = o, .elements = {"a", Sym(text), Sym(Strs(text, "2"))}}));
  tell(ctx.call(cmd::LSet{.key = o, .index = Sym(x - 5), .element = Sym(Upper(text))}));
  tell(ctx.call(cmd::LRange{.key = o, .start = Sym(x - 6), .stop = -1}));
  tell(ctx.call(cmd::LMPop{.keys = {Sym(other), Sym(key)}, .where = cmd::ListEnd::kRight, .count = Sym(x - 4)}));
  // Options with values; the reply follows the words.
  tell(ctx.call(cmd::Set{.key = o, .value = Sym(text)}));
  tell(ctx.call(
      cmd::Set{.key = o, .value = "new", .get = true, .unit = cmd::ExpiryUnit::kMillis, .expiry = Sym(x * 100000)}));
  tell(Call("PTTL", other) > 500000);
  tell(ctx.call(cmd::PExpire{.key = o, .milliseconds = Sym(x), .when = {.gt = true}}));
  tell(ctx.call(cmd::XAdd{.key = Sym(stream), .id = "1-1", .fields = {{"f", Sym(text)}}}));
  tell(ctx.call(cmd::XRange{.key = Sym(stream)}));
  tell(ctx.call(cmd::HSet{.key = Sym(Strs(key, ":h")), .fields = {{"a", Sym(x)}, {Sym(text), "1"}}}));
  tell(ctx.call(cmd::HGetAll{.key = Sym(Strs(key, ":h"))}));
  ctx.return_(out);
  ExpectEverywhere(
      "[2, 1, [[\"one\", 1.5]], [\"one\", \"t\"], 3, \"OK\", [\"a\", \"T\", \"t2\"], [\"{k}o\", [\"t2\", \"T\"]], "
      "true, "
      "\"t\", true, false, \"1-1\", [[\"1-1\", [[\"f\", \"t\"]]]], 2, {\"a\": \"6\", \"t\": \"1\"}]",
      ctx, {6, "t"}, {"{k}", "{k}o", "{k}s"});
  const Program program = ctx.Build().value();
  EXPECT_NE(program.ToText().find("ZADD(k, x / 2, text, \"1.5\", \"one\")"), std::string::npos) << program.ToText();
  EXPECT_TRUE(program.keys_are_declared());
}

TEST_F(Commands, StructsRefuseWhatIsForeign) {
  FnContext a("a"), b("b");
  const Expr mine = a.add_key("k"), number = a.add_arg("n");
  b.add(b.call(cmd::ZAdd{.key = "k", .members = {{Sym(number), "m"}}}));
  const Result<Program> program = b.Build();
  ASSERT_FALSE(program.ok());
  EXPECT_NE(program.error().message().find("the Sym of another FnContext"), Bytes::npos) << program.error().message();
  (void)a.call(cmd::Get{.key = Sym(mine)});
  EXPECT_NE(a.Build().error().message().find("the GET that was made here was never placed"), Bytes::npos);
  EXPECT_THROW(Sym(Expr(1)), std::logic_error);
}

struct Row {
  std::vector<std::vector<std::string>> before;
  std::vector<std::string> command;
  const char* want;
};

TEST_F(Commands, RepliesOfAllFamilies) {
  const std::vector<std::string> kPlaces = {"GEOADD", "g",         "13.361389", "38.115556",
                                            "p",      "15.087269", "37.502669", "c"};
  const std::vector<std::string> kEntry = {"XADD", "x", "1-1", "f", "v"};
  const std::vector<std::string> kGroup = {"XGROUP", "CREATE", "x", "g", "0"};
  const std::vector<std::string> kRead = {"XREADGROUP", "GROUP", "g", "c", "STREAMS", "x", ">"};
  const Row kRows[] = {
      {{{"HSET", "h", "a", "1"}}, {"HSCAN", "h", "0"}, "[\"0\", [[\"a\", \"1\"]]]"},
      {{}, {"HSCAN", "h", "0"}, "[\"0\", []]"},
      {{{"ZADD", "z", "1.5", "m"}}, {"ZSCAN", "z", "0"}, "[\"0\", [[\"m\", 1.5]]]"},
      {{{"SADD", "s", "m"}}, {"SSCAN", "s", "0"}, "[\"0\", [\"m\"]]"},
      {{{"SET", "k", "v"}}, {"SCAN", "0"}, "[\"0\", [\"k\"]]"},
      {{{"RPUSH", "l", "m"}}, {"LMPOP", "1", "l", "LEFT"}, "[\"l\", [\"m\"]]"},
      {{kPlaces}, {"GEOSEARCH", "g", "FROMMEMBER", "p", "BYRADIUS", "300", "km", "ASC"}, "[\"p\", \"c\"]"},
      {{kPlaces},
       {"GEOSEARCH", "g", "FROMMEMBER", "p", "BYRADIUS", "300", "km", "ASC", "WITHDIST", "WITHHASH"},
       "[[\"p\", 0, 3479099956230698], [\"c\", 166.2742, 3479447370796909]]"},
      {{kPlaces},
       {"GEORADIUS", "g", "15", "37", "100", "km", "WITHCOORD"},
       "[[\"c\", [15.087267458438873, 37.50266842333162]]]"},
      {{kPlaces}, {"GEORADIUS", "g", "15", "37", "100", "km", "STORE", "t"}, "1"},
      {{kPlaces}, {"GEOHASH", "g", "p", "x"}, "[\"sqc8b49rny0\", None]"},
      {{kPlaces}, {"GEOPOS", "g", "x", "p"}, "[None, [13.361389338970184, 38.1155563954963]]"},
      {{kEntry, kGroup, kRead}, {"XPENDING", "x", "g"}, "[1, \"1-1\", \"1-1\", [[\"c\", 1]]]"},
      {{kEntry, kGroup}, {"XPENDING", "x", "g"}, "[0, None, None, None]"},
      {{kEntry, kGroup, kRead},
       {"XAUTOCLAIM", "x", "g", "d", "0", "0"},
       "[\"0-0\", [[\"1-1\", [[\"f\", \"v\"]]]], []]"},
      {{kEntry, kGroup, kRead}, {"XAUTOCLAIM", "x", "g", "d", "0", "0", "JUSTID"}, "[\"0-0\", [\"1-1\"], []]"},
      {{kEntry, kGroup, kRead}, {"XCLAIM", "x", "g", "d", "0", "1-1"}, "[[\"1-1\", [[\"f\", \"v\"]]]]"},
      {{kEntry, kGroup}, kRead, "{\"x\": [[\"1-1\", [[\"f\", \"v\"]]]]}"},
      {{kEntry}, {"XGROUP", "CREATE", "x", "g", "0"}, "\"OK\""},
      {{kEntry, kGroup}, {"XGROUP", "DESTROY", "x", "g"}, "true"},
      {{kEntry, kGroup}, {"XGROUP", "CREATECONSUMER", "x", "g", "c"}, "true"},
      {{kEntry, kGroup},
       {"XINFO", "GROUPS", "x"},
       "[{\"consumers\": 0, \"entries-read\": None, \"lag\": 1, \"last-delivered-id\": \"0-0\", \"name\": \"g\", "
       "\"pending\": 0}]"},
      {{kEntry}, {"XACK", "x", "g", "1-1"}, "0"},
      {{{"MSET", "a", "ohmytext", "b", "mynewtext"}}, {"LCS", "a", "b"}, "\"mytext\""},
      {{{"MSET", "a", "ohmytext", "b", "mynewtext"}}, {"LCS", "a", "b", "LEN"}, "6"},
      {{{"MSET", "a", "xy", "b", "y"}}, {"LCS", "a", "b", "IDX"}, "{\"len\": 1, \"matches\": [[[1, 1], [0, 0]]]}"},
      {{}, {"BITFIELD", "b", "SET", "u8", "0", "200", "OVERFLOW", "FAIL", "INCRBY", "u8", "0", "100"}, "[0, None]"},
      {{}, {"PUBSUB", "NUMSUB", "c"}, "{\"c\": 0}"},
      {{}, {"PUBSUB", "CHANNELS"}, "[]"},
      {{}, {"PFADD", "p", "a"}, "true"},
      {{{"PFADD", "p", "a"}}, {"PFCOUNT", "p"}, "1"},
      {{{"SET", "k", "v"}}, {"OBJECT", "ENCODING", "k"}, "\"embstr\""},
      {{{"SET", "k", "v"}}, {"COPY", "k", "l"}, "true"},
      {{{"RPUSH", "l", "2", "1"}}, {"SORT", "l"}, "[\"1\", \"2\"]"},
  };
  for (const Row& row : kRows) {
    FnContext ctx;
    std::vector<Expr> words;
    for (size_t i = 1; i < row.command.size(); ++i) words.emplace_back(row.command[i]);
    ctx.return_(CallWords(row.command[0], words));
    const Program program = ctx.Build().value();
    Everywhere(program, [&](Home& home) {
      SCOPED_TRACE(program.ToText());
      home.Do({"FLUSHALL"});
      for (const auto& words : row.before) home.Do(words);
      EXPECT_EQ(Repr(home.Run(program, {}, {})), row.want);
    });
  }
}

// What a script gets of a reply of this type; nothing for a type that nobody has thought of.
std::optional<Adapt> AdaptOfType(const ReplyType* type) {
  using cmd::AutoClaimed;
  using cmd::ScanStep;
  using std::optional;
  using std::pair;
  using std::string;
  using std::vector;
  static const std::map<const ReplyType*, Adapt> kKnown = {
      {kReplyType<Ack>, Adapt::kRaw},
      {kReplyType<AnyReply>, Adapt::kRaw},
      {kReplyType<int64_t>, Adapt::kRaw},
      {kReplyType<optional<int64_t>>, Adapt::kRaw},
      {kReplyType<vector<int64_t>>, Adapt::kRaw},
      {kReplyType<vector<optional<int64_t>>>, Adapt::kRaw},
      {kReplyType<string>, Adapt::kRaw},
      {kReplyType<optional<string>>, Adapt::kRaw},
      {kReplyType<vector<string>>, Adapt::kRaw},
      {kReplyType<vector<optional<string>>>, Adapt::kRaw},
      {kReplyType<optional<KeyName>>, Adapt::kRaw},
      {kReplyType<vector<KeyName>>, Adapt::kRaw},
      {kReplyType<optional<pair<KeyName, string>>>, Adapt::kRaw},
      {kReplyType<optional<pair<KeyName, vector<string>>>>, Adapt::kRaw},
      {kReplyType<vector<pair<KeyName, vector<string>>>>, Adapt::kRaw},
      {kReplyType<cmd::ScanReply>, Adapt::kRaw},
      {kReplyType<ScanStep<string>>, Adapt::kRaw},
      {kReplyType<AutoClaimed<string>>, Adapt::kRaw},
      {kReplyType<vector<cmd::SlowLogEntry>>, Adapt::kRaw},
      {kReplyType<bool>, Adapt::kBool},
      {kReplyType<double>, Adapt::kNumber},
      {kReplyType<optional<double>>, Adapt::kNumber},
      {kReplyType<vector<optional<double>>>, Adapt::kNumbers},
      {kReplyType<pair<int64_t, int64_t>>, Adapt::kNumbers},
      {kReplyType<std::map<string, string, std::less<>>>, Adapt::kDict},
      {kReplyType<std::map<string, AnyReply>>, Adapt::kDict},
      {kReplyType<vector<pair<KeyName, int64_t>>>, Adapt::kDict},
      {kReplyType<cmd::LcsMatches>, Adapt::kDict},
      {kReplyType<vector<std::map<string, AnyReply>>>, Adapt::kDicts},
      {kReplyType<vector<pair<string, string>>>, Adapt::kPairs},
      {kReplyType<vector<pair<string, double>>>, Adapt::kScores},
      {kReplyType<optional<pair<int64_t, double>>>, Adapt::kReals},
      {kReplyType<optional<std::tuple<KeyName, string, double>>>, Adapt::kReals},
      {kReplyType<cmd::ZSetPopped>, Adapt::kPopped},
      {kReplyType<ScanStep<pair<string, double>>>, Adapt::kPopped},
      {kReplyType<ScanStep<pair<string, string>>>, Adapt::kScanned},
      {kReplyType<vector<cmd::StreamEntry>>, Adapt::kEntries},
      {kReplyType<vector<pair<KeyName, vector<cmd::StreamEntry>>>>, Adapt::kStreams},
      {kReplyType<AutoClaimed<cmd::StreamEntry>>, Adapt::kAutoClaimed},
      {kReplyType<cmd::PendingSummary>, Adapt::kPending},
      {kReplyType<vector<cmd::PendingEntry>>, Adapt::kPending},
      {kReplyType<vector<cmd::GeoHit>>, Adapt::kHits},
      {kReplyType<vector<optional<pair<double, double>>>>, Adapt::kPositions},
  };
  const auto found = kKnown.find(type);
  return found == kKnown.end() ? std::nullopt : std::optional(found->second);
}

// What the type does not tell: collections without an order, lists of yes and no, numbers as texts, and replies whose
// words decide.
const std::map<std::string, Adapt, std::less<>> kBeyondTypes = {
    {"KEYS", Adapt::kSorted},
    {"SMEMBERS", Adapt::kSorted},
    {"SINTER", Adapt::kSorted},
    {"SUNION", Adapt::kSorted},
    {"SDIFF", Adapt::kSorted},
    {"HKEYS", Adapt::kSorted},
    {"HVALS", Adapt::kSorted},
    {"PUBSUB CHANNELS", Adapt::kSorted},
    {"PUBSUB SHARDCHANNELS", Adapt::kSorted},
    {"SMISMEMBER", Adapt::kBools},
    {"HINCRBYFLOAT", Adapt::kNumber},
    {"ZADD", Adapt::kNumber},  // with INCR a score, or nothing
    {"MEMORY STATS", Adapt::kDict},
    {"GEOSEARCH", Adapt::kHits},
    {"GEORADIUS", Adapt::kHits},
    {"GEORADIUS_RO", Adapt::kHits},
    {"GEORADIUSBYMEMBER", Adapt::kHits},
    {"GEORADIUSBYMEMBER_RO", Adapt::kHits},
};

Adapt AdaptOfWords(const std::vector<std::string>& words) {
  return AdaptOf(words[0], words.size() - 1, [&](size_t i) { return i + 1 < words.size() ? Bytes(words[i + 1]) : ""; });
}

std::vector<std::string> SplitName(Bytes name) {
  const size_t blank = name.find(' ');
  if (blank == Bytes::npos) return {std::string(name)};
  return {std::string(name.substr(0, blank)), std::string(name.substr(blank + 1))};
}

// adapt.def says of each command that scripts may run what the type of its Reply says in C++.
TEST(Adaptations, FollowTheTypesOfReplies) {
  const CommandTable table;
  size_t told = 0, beyond = 0;
  for (const CommandRow* row : table.rows()) {
    if (!row->reply || row->is(kNoScriptFlag)) continue;
    std::optional<Adapt> want = AdaptOfType(row->reply);
    ASSERT_TRUE(want) << row->name() << " replies with a type that has no row here";
    if (const auto found = kBeyondTypes.find(row->name()); found != kBeyondTypes.end()) {
      want = found->second;
      ++beyond;
    }
    ++told;
    EXPECT_EQ(AdaptName(AdaptOfWords(SplitName(row->name()))), AdaptName(*want)) << row->name();
  }
  EXPECT_GT(told, 200u);
  EXPECT_EQ(beyond, kBeyondTypes.size());
}

template <class C>
void FollowsItsType(const C& command) {
  ArgList encoded;
  dualis::Row<C>::value.encode(&command, encoded);
  std::vector<std::string> words;
  char buffer[Arg::kTextBytes];
  for (const Arg& word : encoded.args()) words.emplace_back(word.Text(buffer));
  const std::optional<Adapt> want = AdaptOfType(kReplyType<typename C::Reply>);
  ASSERT_TRUE(want) << C::kInfo.name;
  EXPECT_EQ(AdaptName(AdaptOfWords(words)), AdaptName(*want)) << C::kInfo.name;
}

template <class C>
C OfOneKey() {
  C command;
  command.keys = Many<Key>::Owning({Key("k")});
  return command;
}

// And where an option changes the type, so does its word.
TEST(Adaptations, FollowTheOptions) {
  FollowsItsType(cmd::HRandFieldCount("k"));
  FollowsItsType(cmd::HRandFieldWithValues("k"));
  FollowsItsType(cmd::ZRandMemberCount("k"));
  FollowsItsType(cmd::ZRandMemberWithScores("k"));
  FollowsItsType(cmd::ZRankWithScore{});
  FollowsItsType(cmd::ZRevRankWithScore{});
  FollowsItsType(cmd::ZRangeWithScores{});
  FollowsItsType(cmd::ZRevRangeWithScores{});
  FollowsItsType(cmd::ZRangeByScoreWithScores{});
  FollowsItsType(cmd::ZRevRangeByScoreWithScores{});
  FollowsItsType(OfOneKey<cmd::ZUnionWithScores>());
  FollowsItsType(OfOneKey<cmd::ZInterWithScores>());
  FollowsItsType(OfOneKey<cmd::ZDiffWithScores>());
  FollowsItsType(cmd::GeoSearchHits{});
  FollowsItsType(cmd::GeoRadiusHits{});
  FollowsItsType(cmd::GeoRadiusByMemberHits{});
  FollowsItsType(cmd::LcsIdx{});
  FollowsItsType(cmd::XAutoClaimJustId{});
  FollowsItsType(cmd::XPendingRange{});
}

// No row of adapt.def is for a command that does not exist.
TEST(Adaptations, AreOfCommands) {
  const CommandTable table;
  struct Named {
    const char *command, *word;
    size_t from;
    Adapt adapt;
  };
  constexpr size_t kFirst = SIZE_MAX;
  using enum Adapt;
  const Named kRows[] = {
#define ADAPT(command, word, from, adapt) {command, word, from, adapt},
#include "script/semantics/adapt.def"
#undef ADAPT
  };
  for (const Named& row : kRows) {
    const std::string name = row.from == kFirst ? std::string(row.command) + " " + row.word : row.command;
    EXPECT_NE(table.FindByName(name), nullptr) << name;
  }
}

TEST_F(Commands, SymbolicKeysOfAllTypes) {
  FnContext ctx;
  auto key = [&](const char* name) { return ctx.add_key(name); };
  const Local out = ctx.add_local(ListOf(), "out");
  auto tell = [&](const Expr& call) { out.append(call); };
  const RedisVar var(key("var"));
  tell(var.incr());
  tell(var.incr_int(5));
  tell(var.append("0"));
  tell(var.getrange(0, 0));
  tell(var.getset("x"));
  tell(var.getdel());
  const RedisList list(key("list"));
  tell(list.rpush("a", "b", "c"));
  tell(list.insert_before("b", "x"));
  tell(list.lpos("c"));
  tell(list.lrem(0, "a"));
  tell(list.rpoplpush(list.key()));
  tell(list.lrange(0, -1));
  const RedisSet set(key("set")), set2(key("set2"));
  tell(set.add("a", "b"));
  tell(set2.add("b", "c"));
  tell(set.inter(set2.key()));
  tell(set.union_(set2.key()));
  tell(set.diff(set2.key()));
  tell(set.has_each("a", "z"));
  tell(set.move(set2.key(), "a"));
  const RedisSortedSet zset(key("zset"));
  tell(zset.add(1, "a"));
  tell(zset.add(2.5, "b"));
  tell(zset.scores("a", "x"));
  tell(zset.rank("b"));
  tell(zset.count("(1", "+inf"));
  tell(zset.range_by_score(2, 3));
  tell(zset.range_with_scores(0, -1));
  tell(zset.remove_by_rank(0, 0));
  const RedisHash hash(key("hash"));
  tell(hash.hsetnx("f", 1));
  tell(hash.hincr_int("f", 2));
  const RedisStream stream(key("stream"));
  tell(stream.add("1-1", {{"a", 1}}));
  tell(stream.add("1-2", DictOf({{"b", 2}})));
  tell(stream.range("-", "+", 1));
  tell(stream.read("1-1", 10));
  tell(stream.group_create("g", "0"));
  tell(stream.group_read("g", "me", 1));
  tell(stream.pending("g"));
  tell(stream.ack("g", "1-1"));
  tell(stream.group_destroy("g"));
  tell(stream.trim(1));
  const RedisBitmap bits(key("bits"));
  tell(bits.setbit(7, 1));
  tell(bits.getbit(7));
  tell(bits.bitcount());
  tell(bits.bitpos(1));
  tell(bits.bitfield("INCRBY", "u4", 4, 1));
  const RedisHyperLogLog logs(key("logs"));
  tell(logs.add("a", "b"));
  tell(logs.count());
  const RedisGeo geo(key("geo"));
  tell(geo.add(13.361389, 38.115556, "p"));
  tell(geo.add(15.087269, 37.502669, "c"));
  tell(geo.dist("p", "c", "km"));
  tell(geo.near_with_dist("p", 10, "km"));
  tell(geo.exists());
  tell(geo.renamenx(var.key()));
  tell(RedisObj(var.key()).copy_to(geo.key()));
  tell(RedisObj(var.key()).unlink());
  tell(RedisObj(geo.key()).key_type());
  ctx.return_(out);
  ExpectEverywhere(
      "[1, 6, 2, \"6\", \"60\", \"x\", 3, 4, 3, 1, \"c\", [\"c\", \"x\", \"b\"], 2, 2, [\"b\"], [\"a\", \"b\", \"c\"], "
      "[\"a\"], "
      "[true, false], true, 1, 1, [1, None], 1, 1, [\"b\"], [[\"a\", 1], [\"b\", 2.5]], 1, true, 3, \"1-1\", \"1-2\", "
      "[[\"1-1\", [[\"a\", \"1\"]]]], {\"stream\": [[\"1-2\", [[\"b\", \"2\"]]]]}, \"OK\", {\"stream\": [[\"1-1\", "
      "[[\"a\", "
      "\"1\"]]]]}, [1, \"1-1\", \"1-1\", [[\"me\", 1]]], 1, true, 1, 0, 1, 1, 7, [2], true, 2, 1, 1, 166.2742, "
      "[[\"p\", 0]], "
      "true, true, true, true, \"zset\"]",
      ctx, {}, {"var", "list", "set", "set2", "zset", "hash", "stream", "bits", "logs", "geo"});
}

std::string Touched(const Program& program) {
  std::string text;
  for (const TouchedKey& key : program.touched_keys()) {
    text +=
        key.command + " " + key.formula + (key.declared ? key.longer ? " begins with" : " is" : " may be other than");
    for (const std::string& name : key.keys) text += " " + name;
    text += "\n";
  }
  return text;
}

TEST(KeysOfPrograms, AreFound) {
  FnContext ctx;
  const Expr a = ctx.add_key("a"), b = ctx.add_key("b"), x = ctx.add_arg("x");
  const Local which = ctx.add_local(a);
  ctx.if_(x == 1, [&] { which.assign(Strs(b, ":", x)); });
  ctx.add(Call("GET", which));
  const Function name = ctx.function("name", {"of"}, [&](const Local& of) { return Strs(of, "!"); });
  ctx.add(Call("HGETALL", name(a)));
  ctx.return_(Call("MGET", a, b));
  Program program = ctx.Build().value();
  EXPECT_EQ(Touched(program),
            "GET v0 begins with a b\n"
            "HGETALL name(a) begins with a\n"
            "MGET a is a\n"
            "MGET b is b\n");
  EXPECT_TRUE(program.keys_are_declared());
  EXPECT_TRUE(program.keys_are_derived());
  EXPECT_TRUE(program.read_only());
  auto safe = [&program](Bytes k, Bytes l) { return SafeOnCluster(program, std::vector<Bytes>{k, l}); };
  EXPECT_TRUE(safe("{t}a", "{t}b"));
  EXPECT_FALSE(safe("{t}a", "{u}b"));
  EXPECT_FALSE(safe("same", "same"));  // what begins with it lies elsewhere
  EXPECT_FALSE(safe("{t}a", "t"));

  ctx.add(Call("SET", x, "v"));
  program = ctx.Build().value();
  EXPECT_TRUE(Touched(program).ends_with("SET x may be other than\n"));
  EXPECT_FALSE(program.keys_are_declared());
  EXPECT_FALSE(program.read_only());
  EXPECT_FALSE(safe("{t}a", "{t}b"));

  FnContext plain;
  plain.return_(Call("MGET", plain.add_key("a"), plain.add_key("b")));
  program = plain.Build().value();
  EXPECT_TRUE(safe("same", "same"));
  EXPECT_TRUE(safe("123456789", "{123456789}x"));

  for (const char* command : {"PUBLISH", "PFCOUNT", "DEL", "NOSUCH"}) {
    FnContext writes;
    writes.add(CallWords(command, {writes.add_key("k"), "x"}));
    EXPECT_FALSE(writes.Build()->read_only()) << command;
  }
  FnContext reads;
  reads.return_(ListOf(Now(), Call("EXISTS", "x")));
  EXPECT_TRUE(reads.Build()->read_only());
  EXPECT_FALSE(reads.Build()->keys_are_declared());
  FnContext spread;
  spread.add(Call("MGET", Spread(spread.add_arg("keys"))));
  EXPECT_FALSE(spread.Build()->keys_are_declared());
}

// What is said to be read-only is run by EVAL_RO, and what is not is refused there.
TEST_F(Commands, ReadOnlyScriptsRunAsSuch) {
  for (const bool writes : {false, true}) {
    FnContext ctx;
    const RedisVar var(ctx.add_key("k"));
    if (writes) ctx.add(var.set("x"));
    ctx.return_(var.get());
    const Program program = ctx.Build().value();
    EXPECT_EQ(program.read_only(), !writes);
    const LuaScript lua = CompileLua(program);
    for (const auto& home : homes_) {
      const std::string reply = home->Do({"EVAL_RO", lua.source, "1", "k"});
      EXPECT_EQ(reply == "\"z\"", !writes) << home->name() << ": " << reply;
    }
  }
}

}  // namespace
}  // namespace dualis::script
