// The words of a command line in a case, and the quoting shared by commands and replies.
//
//   > SET "a key" 'it\'s' "\x00\n" plain $rep(x,600) $seq(e,1,600) $pairs(f,v,1,600)
//
// Double quotes know \n \r \t \a \b \\ \" and \xHH, single quotes only \'; words are separated by blanks, as in
// redis-cli. Three macros, unquoted and a word of their own, write the long inputs that the expanded encodings need:
//
//   $rep(TEXT,N)           one word: TEXT N times
//   $seq(PREFIX,A,B)       B-A+1 words: PREFIX followed by A, A+1, ... B
//   $pairs(P,Q,A,B)        the words P A, Q A, P A+1, Q A+1, ... (fields and values, scores and members)
#ifndef DUALIS_TESTS_RUNNER_WORDS_H_
#define DUALIS_TESTS_RUNNER_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

namespace dualis::cases {

// Splits a command line and expands its macros. Throws std::invalid_argument that says what is wrong with the text.
std::vector<std::string> SplitWords(std::string_view line);

// `bytes` between double quotes, printable on one line; UnquoteAt reads it back.
std::string Quote(std::string_view bytes);

// Reads the quoted word that starts at text[*pos] and moves *pos behind its closing quote. Throws
// std::invalid_argument.
std::string UnquoteAt(std::string_view text, size_t* pos);

// The same escapes without the quotes around them, for texts that fill the rest of a line (errors).
std::string Escape(std::string_view bytes);
std::string Unescape(std::string_view text);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_WORDS_H_
