// workers [URL]: a producer adds tasks, three workers do them, and a fourth one dies over one.
#include <iostream>

#include "examples/parts/home.h"
#include "examples/parts/workers.h"

int main(int argc, char** argv) {
  dualis::Client client = examples::Home(argc > 1 ? argv[1] : "", "workers");
  const std::vector<std::string> tasks = {"sweep", "FIRE", "paint", "dust", "LEAK", "polish"};
  for (const std::string& task : examples::OrDie(examples::WorkTogether(client, "jobs", tasks, 3))) {
    std::cout << task << " is done\n";
  }
  examples::OrDie(client.flush_prefix());
}
