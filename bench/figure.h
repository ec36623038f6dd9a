// A figure: one comparison of ours with a peer, measured in one run. The peer is what a user would have otherwise: a
// hash map under a mutex, redis-server, hiredis.
//
// Both sides are timed in turns, round by round, and their medians compared: what disturbs the machine disturbs both.
#ifndef DUALIS_BENCH_FIGURE_H_
#define DUALIS_BENCH_FIGURE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dualis::bench {

// How much time a figure may take.
struct Plan {
  bool quick = false;
  int rounds() const { return quick ? 5 : 9; }
  // `full` things, or a share of them in a quick run.
  size_t Scale(size_t full, size_t divisor = 10) const { return quick ? full / divisor : full; }
};

struct Measured {
  double ours = 0;
  std::optional<double> peer;  // nothing: the target is an absolute one
  const char* unit = "ns";
};

struct Figure {
  const char* name;
  const char* what;
  Measured (*measure)(const Plan&);
};

// The figures of each file, in the order in which they are printed.
std::vector<Figure> StringFigures();     // strings.cc: GET, SET, MGET against a map
std::vector<Figure> FrontFigures();      // fronts.cc: one command by every front
std::vector<Figure> ServerFigures();     // server.cc: against redis-server, by hiredis and by our client
std::vector<Figure> ReplyFigures();      // replies.cc: libhiredis' reader and formatter, without a server
std::vector<Figure> ScriptFigures();     // scripts.cc: native and Lua against EVALSHA
std::vector<Figure> SnapshotFigures();   // snapshots.cc: saving and loading
std::vector<Figure> ListenerFigures();   // listener.cc: the listener's processor time, and pub/sub
std::vector<Figure> FootprintFigures();  // footprint.cc: memory, pauses, engines, threads
std::vector<Figure> SizeFigures();       // sizes.cc: memory of collections, the library, an idle server

// Nanoseconds of the monotonic clock.
int64_t Nanoseconds();
double Median(std::vector<double> values);
// Runs `body`, which does `operations` things, and returns nanoseconds per thing.
double TimePer(size_t operations, const std::function<void()>& body);
// Times the two sides in turns (each returns nanoseconds per operation); one turn before that is not counted.
Measured Alternate(const Plan& plan, const std::function<double()>& ours, const std::function<double()>& peer);

// Keeps the compiler from leaving out what computes the value.
template <class T>
inline void Keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

// The text of the i-th key, written over a string that stays in the cache: "k" and digits.
class KeyText {
 public:
  explicit KeyText(size_t size) : text_(size, '0') { text_[0] = 'k'; }
  const std::string& operator()(uint64_t i) {
    for (size_t at = text_.size() - 1; at >= 7; --at, i /= 10) text_[at] = static_cast<char>('0' + i % 10);
    return text_;
  }

 private:
  std::string text_;
};

// Cheap random numbers for choosing keys.
class Luck {
 public:
  explicit Luck(uint64_t seed) : state_(seed * 2 + 1) {}
  uint64_t Below(uint64_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<uint64_t>((static_cast<unsigned __int128>(state_) * limit) >> 64);
  }

 private:
  uint64_t state_;
};

// Binds this thread, and the processes it starts, to one CPU while it lives.
class OneCpu {
 public:
  OneCpu();
  ~OneCpu();

 private:
  uint64_t before_[16];
};

}  // namespace dualis::bench

#endif  // DUALIS_BENCH_FIGURE_H_
