// Config: one table of fields that both spellings, URL parameters and JSON, are read and written by. What stands before
// the parameters of a URL is compat/wire's to read.
#include "dualis/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "compat/wire/uri.h"

namespace dualis {
namespace {

using std::chrono::milliseconds;

Error Bad(std::string text) { return Error(ErrorCode::kUsage, "ERR configuration: " + text); }

std::optional<int64_t> ToNumber(Bytes text) {
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "250ms", "2s" or "250".
std::optional<milliseconds> ToDuration(Bytes text) {
  int64_t unit = 1;
  if (text.ends_with("ms")) {
    text.remove_suffix(2);
  } else if (text.ends_with("s")) {
    text.remove_suffix(1);
    unit = 1000;
  }
  const std::optional<int64_t> number = ToNumber(text);
  // A month is longer than anybody waits, and keeps sums of deadlines far from overflow.
  constexpr int64_t kMost = 31LL * 24 * 3600 * 1000;
  if (!number || *number < 0 || *number > kMost / unit) return std::nullopt;
  return milliseconds(*number * unit);
}

std::string FromDuration(milliseconds time) { return std::to_string(time.count()) + "ms"; }

// A field that a parameter of a URL or a JSON field sets. `write` gives its text, or nothing if it has its default.
struct Field {
  Bytes name;
  // False: the text is not a value for it.
  bool (*read)(Config& config, Bytes text);
  Bytes expected;
  std::string (*write)(const Config& config);
};

template <std::string Config::*kMember>
bool ReadText(Config& config, Bytes text) {
  (config.*kMember).assign(text);
  return true;
}

template <milliseconds Config::*kMember>
bool ReadDuration(Config& config, Bytes text) {
  const std::optional<milliseconds> time = ToDuration(text);
  if (time) config.*kMember = *time;
  return time.has_value();
}

template <auto kMember>
bool ReadNumber(Config& config, Bytes text, int64_t least, int64_t most) {
  const std::optional<int64_t> number = ToNumber(text);
  if (!number || *number < least || *number > most) return false;
  config.*kMember = static_cast<std::remove_reference_t<decltype(config.*kMember)>>(*number);
  return true;
}

template <auto kMember>
std::string Write(const Config& config) {
  const auto& value = config.*kMember;
  if (value == Config().*kMember) return {};
  if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::string>) {
    return value;
  } else if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, milliseconds>) {
    return FromDuration(value);
  } else {
    return std::to_string(value);
  }
}

constexpr Bytes kDurationText = "a time such as 250ms or 2s";
constexpr int64_t kMostDb = 1'000'000;
constexpr int64_t kMostConnections = 100'000;

constexpr Field kFields[] = {
    {"db", [](Config& c, Bytes t) { return ReadNumber<&Config::db>(c, t, 0, kMostDb); }, "a database number",
     Write<&Config::db>},
    {"user", ReadText<&Config::user>, "text", Write<&Config::user>},
    {"password", ReadText<&Config::password>, "text", Write<&Config::password>},
    {"prefix", ReadText<&Config::prefix>, "text", Write<&Config::prefix>},
    {"client_name", ReadText<&Config::client_name>, "text", Write<&Config::client_name>},
    {"protocol", [](Config& c, Bytes t) { return ReadNumber<&Config::protocol>(c, t, 2, 3); }, "2 or 3",
     Write<&Config::protocol>},
    {"pool", [](Config& c, Bytes t) { return ReadNumber<&Config::pool>(c, t, 1, kMostConnections); },
     "a number of connections", Write<&Config::pool>},
    {"connect_timeout", ReadDuration<&Config::connect_timeout>, kDurationText, Write<&Config::connect_timeout>},
    {"timeout", ReadDuration<&Config::timeout>, kDurationText, Write<&Config::timeout>},
    {"pool_timeout", ReadDuration<&Config::pool_timeout>, kDurationText, Write<&Config::pool_timeout>},
};

Error SetField(Config& config, Bytes name, Bytes text, Bytes where) {
  for (const Field& field : kFields) {
    if (field.name != name) continue;
    if (field.read(config, text)) return {};
    return Bad(std::string(where) + " '" + std::string(name) + "' wants " + std::string(field.expected));
  }
  std::string known;
  for (const Field& field : kFields) known.append(known.empty() ? "" : ", ").append(field.name);
  return Bad("unknown " + std::string(where) + " '" + std::string(name) + "'; known are " + known);
}

std::string Escape(Bytes text, Bytes also_plain = "") {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~' || also_plain.find(c) != Bytes::npos;
    if (plain) {
      escaped += c;
    } else {
      escaped += '%';
      escaped += kHex[static_cast<unsigned char>(c) >> 4];
      escaped += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return escaped;
}

Error SetPort(Config& config, Bytes text) {
  const std::optional<int64_t> port = ToNumber(text);
  if (!port || *port < 1 || *port > 65535) return Bad("the port must be a number from 1 to 65535");
  config.port = static_cast<uint16_t>(*port);
  return {};
}

// A message that quotes a URL, without the user and password that may stand in it.
std::string WithoutSecrets(std::string message, Bytes url) {
  const size_t at = message.find(url);
  const size_t place = url.find("://");
  if (at == std::string::npos || place == Bytes::npos) return message;
  std::string shown(url);
  const size_t user_end = url.rfind('@');
  if (user_end != Bytes::npos) shown.replace(place + 3, user_end - place - 3, "***");
  if (const size_t query = shown.find("password="); query != std::string::npos) {
    shown.replace(query + 9, shown.find('&', query) - query - 9, "***");
  }
  return message.replace(at, url.size(), shown);
}

Error ReadUrl(Config& config, Bytes url) {
  Result<wire::Uri> uri = wire::ParseUri(url);
  if (!uri) return Error(ErrorCode::kUsage, WithoutSecrets(std::string(uri.error().message()), url));
  switch (uri->scheme) {
    case wire::Uri::Scheme::kMem:
      config.home = Config::Home::kMemory;
      config.name = std::move(uri->name);
      break;
    case wire::Uri::Scheme::kTcp:
      config.home = Config::Home::kTcp;
      config.host = std::move(uri->host);
      config.port = static_cast<uint16_t>(uri->port);
      break;
    case wire::Uri::Scheme::kUnix:
      config.home = Config::Home::kUnix;
      config.path = std::move(uri->path);
      break;
    case wire::Uri::Scheme::kTls:
      return Bad("rediss:// (TLS) is not supported");
  }
  config.user = std::move(uri->user);
  config.password = std::move(uri->password);
  config.db = uri->db;
  for (const auto& [name, value] : uri->query) {
    if (Error error = SetField(config, name, value, "URL parameter")) return error;
  }
  return {};
}

// The text of a JSON value as a URL would have it; nothing for anything but text and whole numbers.
std::optional<std::string> JsonText(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  return std::nullopt;
}

Error ReadJsonField(Config& config, const std::string& name, const nlohmann::json& value) {
  const std::optional<std::string> text = JsonText(value);
  if (!text) return Bad("JSON field '" + name + "' must be text or a whole number");
  if (name == "home") {
    if (*text == "mem")
      config.home = Config::Home::kMemory;
    else if (*text == "redis")
      config.home = Config::Home::kTcp;
    else if (*text == "unix")
      config.home = Config::Home::kUnix;
    else
      return Bad("JSON field 'home' wants mem, redis or unix");
    return {};
  }
  if (name == "name") return config.name = *text, Error();
  if (name == "host") return config.host = *text, Error();
  if (name == "path") return config.path = *text, Error();
  if (name == "port") return SetPort(config, *text);
  return SetField(config, name, *text, "JSON field");
}

}  // namespace

Error Config::Check() const {
  if (home == Home::kUnix && path.empty()) return Bad("a Unix socket wants a path: unix:///run/redis.sock");
  if (home == Home::kTcp && (host.empty() || port == 0)) return Bad("a server wants a host and a port");
  if (db < 0 || db > kMostDb) return Bad("a database number is not negative");
  if (protocol != 2 && protocol != 3) return Bad("the protocol is 2 or 3");
  if (pool == 0) return Bad("a pool needs at least one connection");
  if (connect_timeout.count() < 0 || timeout.count() < 0 || pool_timeout.count() < 0) {
    return Bad("a time must not be negative");
  }
  if (!user.empty() && password.empty()) return Bad("a user wants a password");
  const auto printable = [](char c) { return c > ' ' && c < 127; };
  if (!std::all_of(client_name.begin(), client_name.end(), printable)) {
    return Bad("the client name must not hold blanks, line breaks or special characters");
  }
  return {};
}

Result<Config> Config::FromUrl(Bytes url) {
  Config config;
  if (Error error = ReadUrl(config, url)) return error;
  if (Error error = config.Check()) return error;
  return config;
}

Result<Config> Config::FromJson(Bytes json) {
  const nlohmann::json document = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return Bad("this is not JSON");
  if (!document.is_object()) return Bad("the JSON must be an object");
  Config config;
  if (const auto url = document.find("url"); url != document.end()) {
    if (!url->is_string()) return Bad("JSON field 'url' must be text");
    if (Error error = ReadUrl(config, url->get<std::string>())) return error;
  } else if (!document.contains("home")) {
    return Bad("the JSON must have \"url\" or \"home\"");
  }
  for (const auto& [name, value] : document.items()) {
    if (name == "url") continue;
    if (Error error = ReadJsonField(config, name, value)) return error;
  }
  if (Error error = config.Check()) return error;
  return config;
}

Result<Config> Config::FromEnvironment(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return Bad(std::string("the environment variable ") + variable + " is not set");
  Result<Config> config = *text == '{' ? FromJson(text) : FromUrl(text);
  if (config) return config;
  return Error(config.error().code(),
               std::string(config.error().message()) + " (in the environment variable " + variable + ")");
}

std::string Config::ToUrl(Secrets secrets) const {
  const std::string shown = secrets == Secrets::kHide && !password.empty() ? "***" : Escape(password);
  std::string url;
  switch (home) {
    case Home::kMemory:
      url = "mem://" + Escape(name);
      break;
    case Home::kTcp:
      url = "redis://";
      if (!user.empty() || !password.empty()) url += Escape(user) + ":" + shown + "@";
      url += host.find(':') == std::string::npos ? Escape(host) : "[" + host + "]";
      url += ":" + std::to_string(port);
      if (db != 0) url += "/" + std::to_string(db);
      break;
    case Home::kUnix:
      url = "unix://" + Escape(path, "/");
      break;
  }
  char separator = '?';
  for (const Field& field : kFields) {
    const bool said = home == Home::kTcp && (field.name == "user" || field.name == "password" || field.name == "db");
    const std::string value = said ? std::string() : field.write(*this);
    if (value.empty()) continue;
    url += separator;
    separator = '&';
    url.append(field.name).append("=");
    url += field.name == "password" ? shown : Escape(value, ":/");
  }
  return url;
}

}  // namespace dualis
