// The engines of this process: the named ones, which everyone shares, and all of them for fork().
#ifndef DUALIS_ENGINE_RUNTIME_REGISTRY_H_
#define DUALIS_ENGINE_RUNTIME_REGISTRY_H_

#include "engine/runtime/engine_impl.h"

namespace dualis::runtime {

// fork() waits until no turn is under way in any registered engine, so that the child gets whole ones.
void RegisterForFork(EngineImpl* engine);
void UnregisterForFork(EngineImpl* engine);

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_REGISTRY_H_
