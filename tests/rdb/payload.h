// Builds RDB bytes by hand, apart from the engine's own writer: the forms that only older or newer versions of Redis
// write, and forms that are wrong.
#ifndef DUALIS_TESTS_RDB_PAYLOAD_H_
#define DUALIS_TESTS_RDB_PAYLOAD_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dualis::test {

using Texts = std::vector<std::string>;

std::string LowFirst(uint64_t number, size_t bytes);
std::string HighFirst(uint64_t number, size_t bytes);
// A length in its shortest form, and a string as length and bytes.
std::string Length(uint64_t length);
std::string Plain(const std::string& text);

// Blocks of items that are texts, or integers where `text` spells one.
std::string Ziplist(const Texts& items);
std::string Zipmap(const Texts& fields_and_values);
std::string Intset(const std::vector<int64_t>& numbers, size_t width);
std::string Listpack(const Texts& items);

// A DUMP: form and value with a footer.
std::string Payload(uint8_t form, const std::string& value, uint16_t version = 10);
// A whole file: header, the items, end and checksum.
std::string File(const std::string& items, int version = 10);

}  // namespace dualis::test

#endif  // DUALIS_TESTS_RDB_PAYLOAD_H_
