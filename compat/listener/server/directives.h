// Directives: what redis.conf and the command line of redis-server say, as names and values.
//
// The command line is read as lines behind those of the file: each word that starts with "--" begins one, so that
// "--save 60 1000 --port 0" is "save 60 1000" and "port 0".
#ifndef DUALIS_COMPAT_LISTENER_SERVER_DIRECTIVES_H_
#define DUALIS_COMPAT_LISTENER_SERVER_DIRECTIVES_H_

#include <string>
#include <vector>

#include "dualis/result.h"

namespace dualis::server {

struct Directive {
  std::string name;  // in lower case
  std::vector<std::string> values;
  std::string line;  // as it was written
  size_t number = 0;
  // The values as one text, as CONFIG SET takes them.
  std::string Joined() const;
};

// A refusal, as redis-server words it on standard error before it exits.
struct BadDirective {
  std::string line;
  size_t number = 0;
  std::string reason;
};

// Splits lines into directives; comments and empty lines are none. False if one has unbalanced quotes.
bool ParseDirectives(const std::string& text, std::vector<Directive>* directives, BadDirective* bad);

// The words of a command line (without the program's name and a file's) as lines of a file.
std::string LinesOfWords(const std::vector<std::string>& words);

}  // namespace dualis::server

#endif  // DUALIS_COMPAT_LISTENER_SERVER_DIRECTIVES_H_
