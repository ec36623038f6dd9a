#include "bench/figure.h"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cstring>

namespace dualis::bench {

int64_t Nanoseconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double TimePer(size_t operations, const std::function<void()>& body) {
  const int64_t start = Nanoseconds();
  body();
  return static_cast<double>(Nanoseconds() - start) / static_cast<double>(operations);
}

Measured Alternate(const Plan& plan, const std::function<double()>& ours, const std::function<double()>& peer) {
  std::vector<double> our_rounds, peer_rounds;
  ours();
  peer();
  for (int round = 0; round < plan.rounds(); ++round) {
    our_rounds.push_back(ours());
    peer_rounds.push_back(peer());
  }
  return {Median(our_rounds), Median(peer_rounds)};
}

static_assert(sizeof(cpu_set_t) <= 16 * sizeof(uint64_t));

OneCpu::OneCpu() {
  cpu_set_t set;
  sched_getaffinity(0, sizeof(set), &set);
  std::memcpy(before_, &set, sizeof(set));
  int last = 0;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) last = i;
  }
  CPU_ZERO(&set);
  CPU_SET(last, &set);
  sched_setaffinity(0, sizeof(set), &set);
}

OneCpu::~OneCpu() {
  cpu_set_t set;
  std::memcpy(&set, before_, sizeof(set));
  sched_setaffinity(0, sizeof(set), &set);
}

}  // namespace dualis::bench
