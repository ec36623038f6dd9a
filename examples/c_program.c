/* A C program over hiredis as there are thousands: counts words, then lists the most frequent ones. Nothing in it knows of
 * Dualis. Its home is what it is told:
 *
 *   c_program FILE HOST [PORT]       mem://NAME as HOST is an engine in this process
 *
 * Built once with our libhiredis, and once with the distribution's (see ./preloaded). */
#include <ctype.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#define TOP "3"

/* Queues an increment for each word; the replies come later, all at once. How many, or -1. */
static int CountWords(redisContext *c, FILE *file) {
  char word[64];
  size_t size = 0;
  int words = 0, byte;
  do {
    byte = getc(file);
    if (byte != EOF && isalpha(byte)) {
      if (size < sizeof(word)) word[size++] = (char)tolower(byte);
    } else if (size > 0) {
      if (redisAppendCommand(c, "ZINCRBY words 1 %b", word, size) != REDIS_OK) return -1;
      ++words;
      size = 0;
    }
  } while (byte != EOF);
  for (int i = 0; i < words; ++i) {
    void *reply;
    if (redisGetReply(c, &reply) != REDIS_OK) return -1;
    freeReplyObject(reply);
  }
  return words;
}

int main(int argc, char **argv) {
  FILE *file = argc > 2 ? fopen(argv[1], "r") : NULL;
  if (file == NULL) {
    fprintf(stderr, "usage: c_program FILE HOST [PORT]\n");
    return 2;
  }
  redisContext *c = redisConnect(argv[2], argc > 3 ? atoi(argv[3]) : 6379);
  if (c == NULL || c->err != 0) {
    fprintf(stderr, "%s: %s\n", argv[2], c == NULL ? "no memory" : c->errstr);
    return 1;
  }
  const int words = CountWords(c, file);
  fclose(file);
  redisReply *top = redisCommand(c, "ZREVRANGE words 0 " TOP " WITHSCORES");
  if (words < 0 || top == NULL) {
    fprintf(stderr, "%s\n", c->errstr);
    return 1;
  }
  printf("%d words\n", words);
  for (size_t i = 0; i + 1 < top->elements; i += 2) printf("%6s %s\n", top->element[i + 1]->str, top->element[i]->str);
  freeReplyObject(top);
  freeReplyObject(redisCommand(c, "DEL words"));
  redisFree(c);
  return 0;
}
