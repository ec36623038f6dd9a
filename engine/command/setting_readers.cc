// The parameters that are texts of several words with rules of their own: save, client-output-buffer-limit,
// notify-keyspace-events and the like. Each reader turns what was given into what CONFIG GET shows.
#include <algorithm>

#include "engine/command/setting_rows.h"
#include "engine/command/word.h"
#include "engine/core/number_text.h"
#include "engine/keyspace/event.h"

namespace dualis::setting_rows {
namespace {

std::vector<Bytes> Split(Bytes text) {
  std::vector<Bytes> words;
  if (text.empty()) return words;
  for (;;) {
    const size_t blank = text.find(' ');
    words.push_back(text.substr(0, blank));
    if (blank == Bytes::npos) return words;
    text.remove_prefix(blank + 1);
  }
}

template <class Words>
std::string Join(const Words& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text.push_back(' ');
    text.append(word);
  }
  return text;
}

}  // namespace

// "seconds changes" any number of times.
Bytes ReadSavePoints(Bytes, std::string* text) {
  const std::vector<Bytes> words = Split(*text);
  bool good = words.size() % 2 == 0;
  for (size_t i = 0; good && i < words.size(); i += 2) {
    const auto seconds = ParseInt64(words[i]);
    const auto changes = ParseInt64(words[i + 1]);
    good = seconds && changes && *seconds >= 1 && *changes >= 0;
  }
  return good ? Bytes() : "Invalid save parameters";
}

// "class hard soft seconds" any number of times; classes that are not named keep their limits.
Bytes ReadBufferLimits(Bytes old, std::string* text) {
  constexpr std::pair<Bytes, Bytes> kClasses[] = {
      {"NORMAL", "normal"}, {"SLAVE", "slave"}, {"REPLICA", "slave"}, {"PUBSUB", "pubsub"}};
  const std::vector<Bytes> given = Split(*text);
  if (given.size() % 4 != 0) return "Wrong number of arguments in buffer limit configuration.";
  std::vector<std::string> words;
  for (Bytes word : Split(old)) words.emplace_back(word);
  for (size_t i = 0; i < given.size(); i += 4) {
    const auto known = std::find_if(std::begin(kClasses), std::end(kClasses),
                                    [&](const auto& row) { return IsWord(given[i], row.first); });
    if (known == std::end(kClasses)) return "Invalid client class specified in buffer limit configuration.";
    int64_t hard = 0;
    int64_t soft = 0;
    const auto seconds = ParseInt64(given[i + 3]);
    if (!ParseMemory(given[i + 1], &hard) || !ParseMemory(given[i + 2], &soft) || !seconds || *seconds < 0) {
      return "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
    }
    const auto place = std::find(words.begin(), words.end(), known->second);
    place[1] = std::to_string(hard);
    place[2] = std::to_string(soft);
    place[3] = std::to_string(*seconds);
  }
  *text = Join(words);
  return {};
}

Bytes ReadEvents(Bytes, std::string* text) {
  const auto classes = ReadEventClasses(*text);
  if (!classes) return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
  *text = ShowEventClasses(*classes);
  return {};
}

Bytes ReadPercentiles(Bytes, std::string* text) {
  std::vector<std::string> shown;
  for (Bytes word : Split(*text)) {
    const auto percentile = ParseDouble(word);
    if (!percentile) return "Invalid latency-tracking-info-percentiles parameters";
    if (*percentile < 0 || *percentile > 100) {
      return "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]";
    }
    char buffer[kDoubleChars];
    shown.emplace_back(FormatDouble(*percentile, buffer));
  }
  *text = Join(shown);
  return {};
}

Bytes ReadOomScores(Bytes, std::string* text) {
  const std::vector<Bytes> words = Split(*text);
  if (words.size() != 3) return "wrong number of arguments";
  for (Bytes word : words) {
    const auto score = ParseInt64(word);
    if (!score || *score < -2000 || *score > 2000) {
      return "Invalid oom-score-adj-values, elements must be between -2000 and 2000.";
    }
  }
  return {};
}

Bytes ReadTitle(Bytes, std::string* text) {
  constexpr Bytes kVariables[] = {"title",    "listen-addr", "server-mode", "port",
                                  "tls-port", "unixsocket",  "config-file"};
  for (Bytes rest = *text; !rest.empty();) {
    const size_t open = rest.find('{');
    if (open == Bytes::npos) break;
    const size_t close = rest.find('}', open);
    const Bytes name = close == Bytes::npos ? Bytes() : rest.substr(open + 1, close - open - 1);
    if (std::find(std::begin(kVariables), std::end(kVariables), name) == std::end(kVariables)) {
      return "template format is invalid or contains unknown variables";
    }
    rest.remove_prefix(close + 1);
  }
  return {};
}

}  // namespace dualis::setting_rows
