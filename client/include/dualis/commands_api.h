// Commands<Self>: a method a command, in the command's name in lower case, for everything that can run one: a Client
// (whose Run gives a Result of the reply), a Pipeline and a Transaction (a Pending of it). Each method is one line: it
// fills the command struct and hands it to Self::Run. What a command does, replies and refuses is said at its struct,
// in dualis/commands/.
#ifndef DUALIS_COMMANDS_API_H_
#define DUALIS_COMMANDS_API_H_

#include "dualis/api/acl.h"
#include "dualis/api/bitmaps.h"
#include "dualis/api/hash_expiry.h"
#include "dualis/api/geo.h"
#include "dualis/api/hashes.h"
#include "dualis/api/hyperloglogs.h"
#include "dualis/api/keys.h"
#include "dualis/api/list_moves.h"
#include "dualis/api/lists.h"
#include "dualis/api/scripting.h"
#include "dualis/api/server.h"
#include "dualis/api/sets.h"
#include "dualis/api/snapshots.h"
#include "dualis/api/sort.h"
#include "dualis/api/sorted_sets.h"
#include "dualis/api/stream_groups.h"
#include "dualis/api/streams.h"
#include "dualis/api/strings.h"

namespace dualis {

template <class Self>
class Commands : public AclCommands<Self>,
                 public BitmapCommands<Self>,
                 public HashCommands<Self>,
                 public HashExpiryCommands<Self>,
                 public HyperLogLogCommands<Self>,
                 public GeoCommands<Self>,
                 public KeyCommands<Self>,
                 public ListCommands<Self>,
                 public ListMoveCommands<Self>,
                 public ScriptingCommands<Self>,
                 public ServerCommands<Self>,
                 public SetCommands<Self>,
                 public SnapshotCommands<Self>,
                 public SortCommands<Self>,
                 public SortedSetCommands<Self>,
                 public StreamCommands<Self>,
                 public StreamGroupCommands<Self>,
                 public StringCommands<Self> {};

}  // namespace dualis

#endif  // DUALIS_COMMANDS_API_H_
