// dictionary_stack [URL]: frames of fields on a stack, with a look-up that falls through to the frames below.
#include <iostream>

#include "examples/parts/dictionary_stack.h"
#include "examples/parts/home.h"

int main(int argc, char** argv) {
  dualis::Client client = examples::Home(argc > 1 ? argv[1] : "", "stack");
  auto stack = examples::OrDie(examples::DictionaryStack::Open(client, "scopes"));
  examples::OrDie(stack.Set("colour", "red"));
  examples::OrDie(stack.Push());
  examples::OrDie(stack.Set("size", "small"));
  std::cout << "colour in the top frame: " << (examples::OrDie(stack.Get("colour")).is_none() ? "none" : "some")
            << "\n";
  std::cout << "colour, looking down: " << examples::OrDie(stack.Find("colour")).bytes() << "\n";
  std::cout << "fields of the frame popped: " << examples::OrDie(stack.Pop()).entries().size() << "\n";
  examples::OrDie(client.flush_prefix());
}
