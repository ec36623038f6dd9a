// The ends of a list, and the events of pushing to one and popping from it.
#ifndef DUALIS_ENGINE_COMMANDS_LIST_ENDS_H_
#define DUALIS_ENGINE_COMMANDS_LIST_ENDS_H_

#include "engine/keyspace/event.h"
#include "engine/types/list.h"

namespace dualis::cmd {

inline constexpr List::End kFront = List::End::kFront;
inline constexpr List::End kBack = List::End::kBack;

inline Event PushEvent(List::End end) { return end == kFront ? Event::kLPush : Event::kRPush; }
inline Event PopEvent(List::End end) { return end == kFront ? Event::kLPop : Event::kRPop; }
// The command that pops there.
inline Bytes PopCommand(List::End end) { return end == kFront ? "LPOP" : "RPOP"; }

}  // namespace dualis::cmd

#endif  // DUALIS_ENGINE_COMMANDS_LIST_ENDS_H_
