// filter_list [URL]: a script that splits a list by a threshold, the same in both homes.
#include <iostream>

#include "examples/parts/filter_list.h"
#include "examples/parts/home.h"

int main(int argc, char** argv) {
  dualis::Client client = examples::Home(argc > 1 ? argv[1] : "", "filter");
  const dualis::Script filter = examples::OrDie(examples::FilterList(client));
  examples::OrDie(client.rpush("numbers", "3", "12", "7.5", "8", "-1", "20"));
  const dualis::Script::Keys keys = {{"input", "numbers"}, {"left", "small"}, {"right", "large"}};
  const dualis::script::Value below = examples::OrDie(filter(keys, {{"threshold", 8}}));
  std::cout << below.number() << " below 8:";
  for (const std::string& number : examples::OrDie(client.lrange("small", 0, -1))) std::cout << " " << number;
  std::cout << "\nthe others:";
  for (const std::string& number : examples::OrDie(client.lrange("large", 0, -1))) std::cout << " " << number;
  std::cout << "\n";
  examples::OrDie(client.flush_prefix());
}
