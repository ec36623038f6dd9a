// Engine::Save and Load, files, SAVE and its kin, save points; and what happens when something fails.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "dualis/any_reply.h"
#include "engine/runtime/engine_impl.h"
#include "tests/rdb/contents.h"
#include "tests/rdb/memory_file.h"
#include "tests/rdb/payload.h"
#include "tests/unit/alloc_fault.h"

namespace dualis::test {
namespace {

namespace fs = std::filesystem;

class EngineCalls : public ::testing::Test {
 protected:
  EngineCalls() : clock_(std::make_shared<ManualClock>(1'700'000'000'000)) {
    char name[] = "/tmp/dualis-rdb-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no folder for snapshots");
    folder_ = name;
  }
  ~EngineCalls() override {
    session_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void Start(Options options = {}) {
    options.clock = clock_;
    engine_ = Engine::Create(std::move(options));
    session_ = engine_->Connect();
    ask_ = AskEngine(*session_);
  }
  std::string path() const { return folder_ + "/dump.rdb"; }
  size_t files() const {
    size_t n = 0;
    for ([[maybe_unused]] const auto& file : fs::directory_iterator(folder_)) ++n;
    return n;
  }

  std::shared_ptr<ManualClock> clock_;
  std::string folder_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  Ask ask_;
};

TEST_F(EngineCalls, LoadReplacesEverything) {
  Start();
  ask_({"SET", "a", "1"});
  MemoryFile file;
  ASSERT_TRUE(engine_->Save(file));
  ask_({"SET", "a", "2"});
  ask_({"SET", "b", "3"});
  ask_({"SELECT", "5"});
  ask_({"SET", "c", "4"});
  ask_({"SELECT", "0"});
  const auto report = engine_->Load(file);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->keys, 1u);
  EXPECT_EQ(ask_({"GET", "a"}).text, "1");
  EXPECT_EQ(ask_({"DBSIZE"}).integer, 1);
  ask_({"SELECT", "5"});
  EXPECT_EQ(ask_({"DBSIZE"}).integer, 0);
}

TEST_F(EngineCalls, LoadDirtiesWatchersAndWakesWaiters) {
  Start();
  ask_({"RPUSH", "list", "item"});
  MemoryFile file;
  ASSERT_TRUE(engine_->Save(file));
  ask_({"DEL", "list"});
  ask_({"WATCH", "list"});
  const auto sleeper = engine_->Connect();
  Into<AnyReply> popped;
  const Arg blpop[] = {"BLPOP", "list", "0"};
  bool done = false;
  ASSERT_NE(sleeper->Submit(blpop, popped, [&] { done = true; }), 0u);
  ASSERT_TRUE(engine_->Load(file));
  EXPECT_TRUE(done);
  ask_({"MULTI"});
  EXPECT_EQ(ask_({"EXEC"}).kind, cases::ReplyTree::Kind::kNullArray);
}

TEST_F(EngineCalls, ProgressIsTold) {
  Start();
  for (int i = 0; i < 300; ++i) ask_({"SET", "k" + std::to_string(i), Noise(20000, static_cast<uint64_t>(i))});
  std::vector<SnapshotProgress> steps;
  SnapshotOptions options;
  options.progress = [&](const SnapshotProgress& now) { steps.push_back(now); };
  MemoryFile file;
  ASSERT_TRUE(engine_->Save(file, options));
  ASSERT_GT(steps.size(), 3u);
  EXPECT_EQ(steps.back().keys, 300u);
  EXPECT_EQ(steps.back().total_keys, 300u);
  EXPECT_EQ(steps.back().bytes, file.bytes.size());
  steps.clear();
  ASSERT_TRUE(engine_->Load(file, options));
  ASSERT_GT(steps.size(), 3u);
  EXPECT_EQ(steps.back().bytes, file.bytes.size());
  EXPECT_EQ(steps.back().total_bytes, file.bytes.size());
  for (size_t i = 1; i < steps.size(); ++i) EXPECT_LE(steps[i - 1].bytes, steps[i].bytes);
}

TEST_F(EngineCalls, OptionsOfTheFormat) {
  Start();
  ask_({"SET", "k", std::string(10000, 'x')});
  MemoryFile packed, plain;
  ASSERT_TRUE(engine_->Save(packed));
  SnapshotOptions options;
  options.compress = options.checksum = false;
  ASSERT_TRUE(engine_->Save(plain, options));
  EXPECT_LT(packed.bytes.size(), 500u);
  EXPECT_GT(plain.bytes.size(), 10000u);
  EXPECT_TRUE(plain.bytes.ends_with(std::string(8, '\0')));
  ASSERT_TRUE(engine_->Load(plain));
  packed.bytes.back() = static_cast<char>(packed.bytes.back() ^ 1);
  MemoryFile same(packed.bytes);
  EXPECT_FALSE(engine_->Load(packed));
  EXPECT_TRUE(engine_->Load(same, options));
}

class FailingSink : public SnapshotSink {
 public:
  Error Write(Bytes) override { return Error(ErrorCode::kIo, "ERR the disk is full"); }
};

class FailingSource : public SnapshotSource {
 public:
  Result<size_t> Read(char*, size_t) override { return Error(ErrorCode::kIo, "ERR the disk is gone"); }
};

TEST_F(EngineCalls, ErrorsOfSinkAndSourceAreReturned) {
  Start();
  ask_({"SET", "k", "v"});
  FailingSink sink;
  EXPECT_EQ(engine_->Save(sink).error().message(), "ERR the disk is full");
  FailingSource source;
  EXPECT_EQ(engine_->Load(source).error().message(), "ERR the disk is gone");
  EXPECT_EQ(ask_({"GET", "k"}).text, "v");
}

TEST_F(EngineCalls, FilesThatCannotBe) {
  Start();
  EXPECT_EQ(engine_->LoadFile(path()).error().code(), ErrorCode::kIo);
  EXPECT_EQ(engine_->LoadFile(folder_).error().code(), ErrorCode::kIo);
  EXPECT_EQ(engine_->SaveFile(folder_ + "/none/dump.rdb").error().code(), ErrorCode::kIo);
  EXPECT_EQ(files(), 0u);
}

TEST_F(EngineCalls, SaveWritesTheFileOfTheOptions) {
  Start({.dir = folder_});
  ask_({"SET", "k", "v"});
  clock_->Add(60'000);
  EXPECT_EQ(ask_({"LASTSAVE"}).integer, 1'700'000'000);
  EXPECT_EQ(ask_({"SAVE"}).text, "OK");
  EXPECT_EQ(ask_({"LASTSAVE"}).integer, 1'700'000'060);
  EXPECT_EQ(files(), 1u) << "nothing temporary stays";
  clock_->Add(5'000);
  EXPECT_EQ(ask_({"BGSAVE"}).text, "Background saving started");
  EXPECT_EQ(ask_({"BGSAVE", "SCHEDULE"}).text, "Background saving started");
  EXPECT_EQ(ask_({"LASTSAVE"}).integer, 1'700'000'065);
  ask_({"FLUSHALL"});
  ASSERT_TRUE(engine_->LoadFile(path()));
  EXPECT_EQ(ask_({"GET", "k"}).text, "v");
}

TEST_F(EngineCalls, WithoutAFolderThereIsNoFile) {
  Start();
  for (const char* command : {"SAVE", "BGSAVE"}) {
    EXPECT_EQ(ask_({command}).text,
              "ERR there is no file for snapshots: the parameters dir and dbfilename do not name one");
  }
}

TEST_F(EngineCalls, FolderAndNameAsParameters) {
  Start();
  Settings& settings = engine_->impl().server().settings();
  settings.Put(Setting::kEnableProtectedConfigs, 1);
  EXPECT_EQ(ask_({"CONFIG", "SET", "dir", folder_ + "/none"}).text,
            "ERR CONFIG SET failed (possibly related to argument 'dir') - No such file or directory");
  EXPECT_EQ(ask_({"CONFIG", "SET", "dbfilename", "a/b"}).text,
            "ERR CONFIG SET failed (possibly related to argument 'dbfilename') - dbfilename can't be a path, just a "
            "filename");
  EXPECT_EQ(ask_({"CONFIG", "GET", "dir"}).children.at(1).text, "");
  EXPECT_EQ(
      ask_({"CONFIG", "SET", "dir", folder_ + "/../" + fs::path(folder_).filename().string(), "dbfilename", "x.rdb"})
          .text,
      "OK");
  EXPECT_EQ(ask_({"CONFIG", "GET", "dir"}).children.at(1).text, folder_);
  EXPECT_EQ(ask_({"SAVE"}).text, "OK");
  EXPECT_TRUE(fs::exists(folder_ + "/x.rdb"));
  ask_({"SET", "k", "v"});
  EXPECT_EQ(engine_->NextDeadline(), std::nullopt);
  EXPECT_EQ(ask_({"CONFIG", "SET", "save", "10 1"}).text, "OK");
  EXPECT_EQ(engine_->NextDeadline(), clock_->Now() + 10'000);
  EXPECT_EQ(ask_({"CONFIG", "SET", "save", ""}).text, "OK");
  EXPECT_EQ(engine_->NextDeadline(), std::nullopt);
}

TEST_F(EngineCalls, AFileThatFailsLeavesTheOldOne) {
  Start({.dir = folder_});
  ask_({"SET", "k", "v"});
  ASSERT_EQ(ask_({"SAVE"}).text, "OK");
  std::ofstream(path(), std::ios::app) << "x";
  const auto size = fs::file_size(path());
  fs::create_directory(folder_ + "/taken");
  EXPECT_FALSE(engine_->SaveFile(folder_ + "/taken"));
  EXPECT_EQ(files(), 2u);
  EXPECT_EQ(fs::file_size(path()), size);
}

TEST_F(EngineCalls, SavePointsAreKeptByTick) {
  Start({.dir = folder_, .save = "60 3 3600 1"});
  ask_({"SET", "a", "1"});
  EXPECT_EQ(engine_->NextDeadline(), clock_->Now() + 3'600'000);
  engine_->Advance(61'000);
  EXPECT_FALSE(fs::exists(path()));
  ask_({"SET", "b", "1"});
  ask_({"SET", "c", "1"});
  engine_->Tick();
  EXPECT_TRUE(fs::exists(path()));
  EXPECT_EQ(ask_({"LASTSAVE"}).integer, 1'700'000'061);
  EXPECT_EQ(engine_->NextDeadline(), std::nullopt);
  fs::remove(path());
  ask_({"SET", "a", "2"});
  engine_->Advance(3'600'000);
  EXPECT_TRUE(fs::exists(path()));
}

TEST_F(EngineCalls, ASaveThatFailsIsTriedAgain) {
  Start({.dir = folder_ + "/late", .save = "60 1"});
  ask_({"SET", "a", "1"});
  engine_->Advance(60'000);
  EXPECT_TRUE(engine_->impl().snapshots().last_save_failed());
  EXPECT_EQ(engine_->NextDeadline(), clock_->Now() + 5'000);
  fs::create_directory(folder_ + "/late");
  engine_->Advance(5'000);
  EXPECT_FALSE(engine_->impl().snapshots().last_save_failed());
  EXPECT_TRUE(fs::exists(folder_ + "/late/dump.rdb"));
}

TEST_F(EngineCalls, MemoryThatRunsOutLeavesTheEngineAsItWas) {
  Start();
  for (const Words& words : std::vector<Words>{{"RPUSH", "l", "a", "b"},
                                               {"HSET", "h", "f", std::string(100, 'v')},
                                               {"ZADD", "z", "1", std::string(100, 'm')},
                                               {"SADD", "s", "a", "1"},
                                               {"XADD", "x", "1-1", "f", "v"},
                                               {"SET", "t", std::string(300, 'c'), "PX", "100000"}}) {
    ask_(words);
  }
  MemoryFile file;
  ASSERT_TRUE(engine_->Save(file));
  ask_({"FLUSHALL"});
  ask_({"SET", "before", "v"});
  int failures = 0;
  for (bool done = false; !done; ++failures) {
    MemoryFile again(file.bytes);
    {
      const testing::FailAllocations fail(failures);
      done = engine_->Load(again).ok();
    }
    if (!done) {
      ASSERT_EQ(ask_({"GET", "before"}).text, "v") << failures;
    }
  }
  EXPECT_GT(failures, 20);
  EXPECT_EQ(ask_({"DBSIZE"}).integer, 6);
}

class EffectLog : public EffectSink {
 public:
  void Effect(int, Args argv) override {
    char buffer[Arg::kTextBytes];
    for (const Arg& word : argv) text += std::string(word.Text(buffer)) + " ";
    text += "; ";
  }
  std::string text;
};

TEST_F(EngineCalls, RestoreIsRecordedWithAnAbsoluteTime) {
  EffectLog log;
  Start({.effects = &log});
  const std::string dump = Payload(0, Plain("v"));
  ASSERT_EQ(ask_({"RESTORE", "k", "5000", dump, "IDLETIME", "3"}).text, "OK");
  EXPECT_EQ(log.text, "RESTORE k 1700000005000 " + dump + " REPLACE ABSTTL IDLETIME 3 ; ");
  log.text.clear();
  ask_({"RESTORE", "none", "1", dump, "ABSTTL"});
  ask_({"RESTORE", "k", "0", "no dump", "REPLACE"});
  EXPECT_EQ(log.text, "");
  ask_({"RESTORE", "k", "1", dump, "ABSTTL", "REPLACE"});
  EXPECT_EQ(log.text, "DEL k ; ");
}

TEST_F(EngineCalls, ReloadInsideATurn) {
  for (const bool to_file : {false, true}) {
    Start({.dir = to_file ? folder_ : ""});
    Fill([this](const Words& words) { return ask_(words); });
    const auto want = ContentsOf(ask_, 16);
    const Error error = session_->InTurn([](Exec& x) { return x.server().hooks().reload(x, {}); });
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(ContentsOf(ask_, 16), want);
    const Arg nosave[] = {"NOSAVE"};
    EXPECT_EQ(!session_->InTurn([&](Exec& x) { return x.server().hooks().reload(x, nosave); }), to_file);
    session_.reset();
  }
}

}  // namespace
}  // namespace dualis::test
