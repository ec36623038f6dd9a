// libhiredis.so.0.14 against the facts of the release (hiredis_0_14.txt): every symbol and no other but ours, every
// constant, every size and offset as a program compiled for it has them.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#define DUALIS_HIREDIS_V0_14
#include "compat/hiredis/abi.h"

namespace {

using dualis::hiredis::kHiddenBytes;

// "size 48", "field redisReply.len 16 8", "constant REDIS_OK 0": what the facts say, or what we have, by name.
using Facts = std::map<std::string, std::string>;

Facts Read(const std::string& kind) {
  Facts facts;
  std::ifstream file("tests/compat/hiredis_0_14.txt");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string what, name, rest;
    words >> what >> name;
    std::getline(words >> std::ws, rest);
    if (what == kind) facts[name] = rest;
  }
  return facts;
}

TEST(Hiredis014, ExportsTheSymbolsAndNoOther) {
  std::set<std::string> ours;
  FILE* nm = popen("nm -D --defined-only " DUALIS_HIREDIS_0_14, "r");
  ASSERT_NE(nm, nullptr);
  std::array<char, 512> line;
  while (fgets(line.data(), line.size(), nm) != nullptr) {
    std::istringstream words(line.data());
    std::string address, type, name;
    words >> address >> type >> name;
    ours.insert(name);
  }
  ASSERT_EQ(pclose(nm), 0);
  std::set<std::string> wanted = {"dualisHiredisRoute", "dualisHiredisIsEmbedded"};
  for (const auto& [name, rest] : Read("symbol")) wanted.insert(name);
  EXPECT_EQ(wanted.size(), 107u);
  EXPECT_EQ(ours, wanted);
}

TEST(Hiredis014, HasTheConstants) {
  const Facts ours = {
      {"REDIS_BLOCK", std::to_string(REDIS_BLOCK)},
      {"REDIS_CONNECTED", std::to_string(REDIS_CONNECTED)},
      {"REDIS_CONNECT_RETRIES", std::to_string(REDIS_CONNECT_RETRIES)},
      {"REDIS_CONN_TCP", std::to_string(REDIS_CONN_TCP)},
      {"REDIS_CONN_UNIX", std::to_string(REDIS_CONN_UNIX)},
      {"REDIS_DISCONNECTING", std::to_string(REDIS_DISCONNECTING)},
      {"REDIS_FREEING", std::to_string(REDIS_FREEING)},
      {"REDIS_IN_CALLBACK", std::to_string(REDIS_IN_CALLBACK)},
      {"REDIS_KEEPALIVE_INTERVAL", std::to_string(REDIS_KEEPALIVE_INTERVAL)},
      {"REDIS_MONITORING", std::to_string(REDIS_MONITORING)},
      {"REDIS_REUSEADDR", std::to_string(REDIS_REUSEADDR)},
      {"REDIS_SUBSCRIBED", std::to_string(REDIS_SUBSCRIBED)},
      {"REDIS_ERR", std::to_string(REDIS_ERR)},
      {"REDIS_ERR_EOF", std::to_string(REDIS_ERR_EOF)},
      {"REDIS_ERR_IO", std::to_string(REDIS_ERR_IO)},
      {"REDIS_ERR_OOM", std::to_string(REDIS_ERR_OOM)},
      {"REDIS_ERR_OTHER", std::to_string(REDIS_ERR_OTHER)},
      {"REDIS_ERR_PROTOCOL", std::to_string(REDIS_ERR_PROTOCOL)},
      {"REDIS_OK", std::to_string(REDIS_OK)},
      {"REDIS_READER_MAX_BUF", std::to_string(REDIS_READER_MAX_BUF)},
      {"REDIS_REPLY_ARRAY", std::to_string(REDIS_REPLY_ARRAY)},
      {"REDIS_REPLY_ERROR", std::to_string(REDIS_REPLY_ERROR)},
      {"REDIS_REPLY_INTEGER", std::to_string(REDIS_REPLY_INTEGER)},
      {"REDIS_REPLY_NIL", std::to_string(REDIS_REPLY_NIL)},
      {"REDIS_REPLY_STATUS", std::to_string(REDIS_REPLY_STATUS)},
      {"REDIS_REPLY_STRING", std::to_string(REDIS_REPLY_STRING)},
      {"SDS_MAX_PREALLOC", std::to_string(SDS_MAX_PREALLOC)},
      {"SDS_TYPE_16", std::to_string(SDS_TYPE_16)},
      {"SDS_TYPE_32", std::to_string(SDS_TYPE_32)},
      {"SDS_TYPE_5", std::to_string(SDS_TYPE_5)},
      {"SDS_TYPE_64", std::to_string(SDS_TYPE_64)},
      {"SDS_TYPE_8", std::to_string(SDS_TYPE_8)},
      {"SDS_TYPE_BITS", std::to_string(SDS_TYPE_BITS)},
      {"SDS_TYPE_MASK", std::to_string(SDS_TYPE_MASK)},
  };
  EXPECT_EQ(ours, Read("constant"));
}

// Contexts have a hidden part in front of what programs see, and one behind asynchronous ones and readers.
#define SIZE(type, shown) \
  { #type, std::to_string(shown) }
#define FIELD(type, field, hidden)                                                                                    \
  {                                                                                                                   \
#type "." #field,                                                                                                 \
        std::to_string(offsetof(type, field) - (hidden)) + " " + std::to_string(sizeof(std::declval <type&>().field)) \
  }
#define SHOWN(type, field, hidden, shown) \
  { #type "." #field, std::to_string(offsetof(type, field) - (hidden)) + " " #shown }

TEST(Hiredis014, HasTheSizes) {
  const Facts ours = {
      SIZE(redisConnectionType, sizeof(redisConnectionType)),
      SIZE(redisAsyncContext, offsetof(redisAsyncContext, sub.pending_unsubs) - kHiddenBytes),
      SIZE(redisCallback, sizeof(redisCallback)),
      SIZE(redisCallbackList, sizeof(redisCallbackList)),
      SIZE(redisContext, sizeof(redisContext) - kHiddenBytes),
      SIZE(redisReadTask, sizeof(redisReadTask)),
      SIZE(redisReader, offsetof(redisReader, maxelements)),
      SIZE(redisReply, sizeof(redisReply)),
      SIZE(redisReplyObjectFunctions, sizeof(redisReplyObjectFunctions)),
      SIZE(sdshdr16, sizeof(sdshdr16)),
      SIZE(sdshdr32, sizeof(sdshdr32)),
      SIZE(sdshdr5, sizeof(sdshdr5)),
      SIZE(sdshdr64, sizeof(sdshdr64)),
      SIZE(sdshdr8, sizeof(sdshdr8)),
  };
  EXPECT_EQ(ours, Read("size"));
}

TEST(Hiredis014, HasTheLayouts) {
  const Facts ours = {
      SHOWN(redisAsyncContext, c, 0, 208),
      FIELD(redisAsyncContext, data, kHiddenBytes),
      FIELD(redisAsyncContext, err, kHiddenBytes),
      FIELD(redisAsyncContext, errstr, kHiddenBytes),
      FIELD(redisAsyncContext, ev, kHiddenBytes),
      FIELD(redisAsyncContext, ev.addRead, kHiddenBytes),
      FIELD(redisAsyncContext, ev.addWrite, kHiddenBytes),
      FIELD(redisAsyncContext, ev.cleanup, kHiddenBytes),
      FIELD(redisAsyncContext, ev.data, kHiddenBytes),
      FIELD(redisAsyncContext, ev.delRead, kHiddenBytes),
      FIELD(redisAsyncContext, ev.delWrite, kHiddenBytes),
      FIELD(redisAsyncContext, onConnect, kHiddenBytes),
      FIELD(redisAsyncContext, onDisconnect, kHiddenBytes),
      FIELD(redisAsyncContext, replies, kHiddenBytes),
      SHOWN(redisAsyncContext, sub, kHiddenBytes, 32),
      FIELD(redisAsyncContext, sub.channels, kHiddenBytes),
      FIELD(redisAsyncContext, sub.patterns, kHiddenBytes),
      FIELD(redisCallback, fn, 0),
      FIELD(redisCallback, next, 0),
      FIELD(redisCallback, pending_subs, 0),
      FIELD(redisCallback, privdata, 0),
      FIELD(redisCallbackList, head, 0),
      FIELD(redisCallbackList, tail, 0),
      FIELD(redisContext, connection_type, kHiddenBytes),
      FIELD(redisContext, err, kHiddenBytes),
      FIELD(redisContext, errstr, kHiddenBytes),
      FIELD(redisContext, fd, kHiddenBytes),
      FIELD(redisContext, flags, kHiddenBytes),
      FIELD(redisContext, obuf, kHiddenBytes),
      FIELD(redisContext, reader, kHiddenBytes),
      FIELD(redisContext, tcp, kHiddenBytes),
      FIELD(redisContext, tcp.host, kHiddenBytes),
      FIELD(redisContext, tcp.port, kHiddenBytes),
      FIELD(redisContext, tcp.source_addr, kHiddenBytes),
      FIELD(redisContext, unix_sock, kHiddenBytes),
      FIELD(redisContext, unix_sock.path, kHiddenBytes),
      FIELD(redisReadTask, elements, 0),
      FIELD(redisReadTask, idx, 0),
      FIELD(redisReadTask, obj, 0),
      FIELD(redisReadTask, parent, 0),
      FIELD(redisReadTask, privdata, 0),
      FIELD(redisReadTask, type, 0),
      FIELD(redisReader, buf, 0),
      FIELD(redisReader, err, 0),
      FIELD(redisReader, errstr, 0),
      FIELD(redisReader, fn, 0),
      FIELD(redisReader, len, 0),
      FIELD(redisReader, maxbuf, 0),
      FIELD(redisReader, pos, 0),
      FIELD(redisReader, privdata, 0),
      FIELD(redisReader, reply, 0),
      FIELD(redisReader, ridx, 0),
      FIELD(redisReply, element, 0),
      FIELD(redisReply, elements, 0),
      FIELD(redisReply, integer, 0),
      FIELD(redisReply, len, 0),
      FIELD(redisReply, str, 0),
      FIELD(redisReply, type, 0),
      FIELD(redisReplyObjectFunctions, createArray, 0),
      FIELD(redisReplyObjectFunctions, createInteger, 0),
      FIELD(redisReplyObjectFunctions, createNil, 0),
      FIELD(redisReplyObjectFunctions, createString, 0),
      FIELD(redisReplyObjectFunctions, freeObject, 0),
      FIELD(sdshdr16, alloc, 0),
      SHOWN(sdshdr16, buf, 0, 0),
      FIELD(sdshdr16, flags, 0),
      FIELD(sdshdr16, len, 0),
      FIELD(sdshdr32, alloc, 0),
      SHOWN(sdshdr32, buf, 0, 0),
      FIELD(sdshdr32, flags, 0),
      FIELD(sdshdr32, len, 0),
      SHOWN(sdshdr5, buf, 0, 0),
      FIELD(sdshdr5, flags, 0),
      FIELD(sdshdr64, alloc, 0),
      SHOWN(sdshdr64, buf, 0, 0),
      FIELD(sdshdr64, flags, 0),
      FIELD(sdshdr64, len, 0),
      FIELD(sdshdr8, alloc, 0),
      SHOWN(sdshdr8, buf, 0, 0),
      FIELD(sdshdr8, flags, 0),
      FIELD(sdshdr8, len, 0),
  };
  EXPECT_EQ(ours, Read("field"));
}

// A reply's text, where a library of that ABI has it.
template <size_t kOffset>
std::string TextOf(void* reply) {
  const char* text = *reinterpret_cast<char**>(static_cast<char*>(reply) + kOffset);
  return text == nullptr ? "(nil)" : text;
}

// Both SONAMEs in one process, through handles: each uses its own functions, layouts, and engine.
TEST(Hiredis014, LivesBesideTheOther) {
  const auto say = [](void* library, auto text_of) {
    auto* connect = reinterpret_cast<void* (*)(const char*, int)>(dlsym(library, "redisConnect"));
    auto* command = reinterpret_cast<void* (*)(void*, const char*, ...)>(dlsym(library, "redisCommand"));
    auto* append = reinterpret_cast<int (*)(void*, const char*, ...)>(dlsym(library, "redisAppendCommand"));
    auto* get = reinterpret_cast<int (*)(void*, void**)>(dlsym(library, "redisGetReply"));
    auto* free_reply = reinterpret_cast<void (*)(void*)>(dlsym(library, "freeReplyObject"));
    auto* free_context = reinterpret_cast<void (*)(void*)>(dlsym(library, "redisFree"));
    void* c = connect("mem://both", 0);
    void* reply = command(c, "GET k");
    std::string said = text_of(reply);
    free_reply(reply);
    free_reply(command(c, "SET k %s", "v"));
    append(c, "GET k");
    get(c, &reply);
    said += " " + text_of(reply);
    free_reply(reply);
    free_context(c);
    return said;
  };
  void* older = dlopen(DUALIS_HIREDIS_0_14, RTLD_NOW | RTLD_LOCAL);
  void* newer = dlopen(DUALIS_HIREDIS_SHARED, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(older, nullptr) << dlerror();
  ASSERT_NE(newer, nullptr) << dlerror();
  EXPECT_EQ(say(older, TextOf<24>), "(nil) v");
  EXPECT_EQ(say(newer, TextOf<32>), "(nil) v") << "an engine of its own";
  EXPECT_EQ(say(older, TextOf<24>), "v v");
}

}  // namespace
