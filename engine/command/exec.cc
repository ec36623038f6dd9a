#include "engine/command/exec.h"

namespace dualis {

void EmitTimeout(TimeoutReply reply, ReplySink& sink) {
  switch (reply) {
    case TimeoutReply::kNullArray:
      return sink.NullArray();
    case TimeoutReply::kZero:
      return sink.Int(0);
    case TimeoutReply::kTwoZeros:
      sink.Begin(Shape::kArray, 2);
      sink.Int(0);
      sink.Int(0);
      return sink.End();
  }
}

Outcome Exec::ParkForTime(ReplySink& sink, TimeMs timeout, TimeoutReply reply) {
  if (!mode_.may_park) {
    EmitTimeout(reply, sink);
    return Outcome();
  }
  Outcome outcome = Park(sink, {}, timeout);
  park_.on_timeout = reply;
  return outcome;
}

Outcome Exec::Park(ReplySink& sink, std::span<const Key> keys, TimeMs timeout, Args rewritten) {
  if (!mode_.may_park) {
    sink.NullArray();
    return Outcome();
  }
  if (mode_.rerunning) return Outcome::Parked();  // keys and deadline stay as they were
  park_.keys.clear();
  park_.on_timeout = TimeoutReply::kNullArray;
  for (const Key& key : keys) park_.keys.emplace_back(key.name);
  park_.deadline = timeout == 0 ? 0 : turn_.clock().NowMonotonic() + timeout;
  park_.rewritten.clear();
  char buffer[Arg::kTextBytes];
  for (const Arg& word : rewritten) park_.rewritten.emplace_back(word.Text(buffer));
  return Outcome::Parked();
}

}  // namespace dualis
