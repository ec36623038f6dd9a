// What COMMAND DOCS tells beyond a command's own struct: which commands are superseded or internal, and the containers
// that are no commands themselves. Nothing in the engine depends on it.
#ifndef DUALIS_ENGINE_COMMAND_DOC_NOTES_H_
#define DUALIS_ENGINE_COMMAND_DOC_NOTES_H_

#include "dualis/command.h"

namespace dualis {

struct DocNote {
  Bytes command;           // full name
  Bytes flag;              // "deprecated" or "syscmd"
  Bytes since = {};        // of its being deprecated
  Bytes replaced_by = {};  // in Markdown, as clients show it
};

// Null if there is nothing to note.
const DocNote* DocNoteOf(Bytes command_name);

struct ContainerDoc {
  Bytes name;
  Bytes since;
  Group group;
  Bytes summary;
};

// Null if it is unknown: a container of a plug-in's commands.
const ContainerDoc* ContainerDocOf(Bytes name);

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_DOC_NOTES_H_
