#include "compat/wire/uri.h"

#include <optional>

#include "engine/core/number_text.h"

namespace dualis::wire {
namespace {

Error Bad(Bytes what, Bytes text) {
  return Error(ErrorCode::kUsage, std::string("ERR ").append(what).append(" in the URL '").append(text).append("'"));
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Nothing if a percent sign is not followed by two digits.
std::optional<std::string> Decode(Bytes text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// Splits at the first `separator`; the second part is nothing if there is none.
std::pair<Bytes, std::optional<Bytes>> Cut(Bytes text, char separator) {
  const size_t at = text.find(separator);
  if (at == Bytes::npos) return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + 1)};
}

bool ParseDb(Bytes text, int* db) {
  const auto number = ParseInt64(text);
  if (!number || *number < 0 || *number > INT32_MAX) return false;
  *db = static_cast<int>(*number);
  return true;
}

bool ParseUser(Bytes text, Uri* uri) {
  const auto [user, password] = Cut(text, ':');
  const auto first = Decode(user);
  const auto second = Decode(password.value_or(Bytes()));
  if (!first || !second) return false;
  uri->user = password ? *first : "";
  uri->password = password ? *second : *first;
  return true;
}

// host, host:port, [v6], [v6]:port
bool ParseHost(Bytes text, Uri* uri) {
  Bytes host = text;
  std::optional<Bytes> port;
  if (!text.empty() && text.front() == '[') {
    const size_t close = text.find(']');
    if (close == Bytes::npos) return false;
    host = text.substr(1, close - 1);
    const Bytes rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return false;
    if (!rest.empty()) port = rest.substr(1);
  } else {
    std::tie(host, port) = Cut(text, ':');
  }
  if (port && !port->empty()) {
    const auto number = ParseInt64(*port);
    if (!number || *number < 1 || *number > 65535) return false;
    uri->port = static_cast<int>(*number);
  }
  const auto decoded = Decode(host);
  if (!decoded) return false;
  if (!decoded->empty()) uri->host = *decoded;
  return true;
}

}  // namespace

Result<Uri> ParseUri(Bytes text) {
  const size_t colon = text.find("://");
  if (colon == Bytes::npos) return Bad("no scheme", text);
  const Bytes scheme = text.substr(0, colon);
  Uri uri;
  if (scheme == "mem") {
    uri.scheme = Uri::Scheme::kMem;
  } else if (scheme == "redis") {
    uri.scheme = Uri::Scheme::kTcp;
  } else if (scheme == "rediss") {
    uri.scheme = Uri::Scheme::kTls;
  } else if (scheme == "unix") {
    uri.scheme = Uri::Scheme::kUnix;
  } else {
    return Bad("unknown scheme", text);
  }
  const auto [before_fragment, fragment] = Cut(text.substr(colon + 3), '#');
  if (fragment) return Bad("a fragment", text);
  const auto [before_query, query] = Cut(before_fragment, '?');
  Bytes rest = before_query;
  const size_t at = rest.substr(0, rest.find('/')).rfind('@');
  if (at != Bytes::npos && uri.scheme != Uri::Scheme::kMem) {
    if (!ParseUser(rest.substr(0, at), &uri)) return Bad("bad user or password", text);
    rest.remove_prefix(at + 1);
  }
  if (uri.scheme == Uri::Scheme::kUnix) {
    const auto path = Decode(rest);
    if (!path || path->empty()) return Bad("bad path", text);
    uri.path = *path;
  } else {
    const auto [authority, db] = Cut(rest, '/');
    if (uri.scheme == Uri::Scheme::kMem) {
      const auto name = Decode(authority);
      if (!name) return Bad("bad name", text);
      uri.name = *name;
    } else if (!ParseHost(authority, &uri)) {
      return Bad("bad host or port", text);
    }
    if (db && !db->empty() && !ParseDb(*db, &uri.db)) return Bad("bad database number", text);
  }
  for (std::optional<Bytes> left = query; left && !left->empty();) {
    const auto [item, more] = Cut(*left, '&');
    left = more;
    if (item.empty()) continue;
    const auto [key, value] = Cut(item, '=');
    const auto decoded_key = Decode(key);
    const auto decoded_value = Decode(value.value_or(Bytes()));
    if (!decoded_key || !decoded_value) return Bad("bad parameter", text);
    if (*decoded_key != "db") {
      uri.query.emplace_back(*decoded_key, *decoded_value);
    } else if (!ParseDb(*decoded_value, &uri.db)) {
      return Bad("bad database number", text);
    }
  }
  return uri;
}

}  // namespace dualis::wire
