# Carries out orders for a PostgreSQL server, one a line, and answers each with a line: "done", or what went wrong.
# Its input ends with the process that gives the orders, even when that is killed. It then ends the server and removes
# the folder.
folder=$1 programs=$2 options=$3

make() {
  # Not every system has the first locale. Nothing here outlives the machine, so that initdb need not sync.
  set -- --pgdata "$folder/data" --auth trust --username postgres --encoding UTF8 --no-sync
  "$programs/initdb" "$@" --locale C.UTF-8 || "$programs/initdb" "$@" --locale en_US.UTF-8
}

start() {
  "$programs/pg_ctl" --pgdata "$folder/data" --log "$folder/log" --wait --options "$options" start ||
    { cat "$folder/log"; false; }
}

crash() {
  "$programs/pg_ctl" --pgdata "$folder/data" --mode immediate --wait stop
}

while read -r order; do
  if said=$("$order" </dev/null 2>&1); then
    echo done
  else
    echo "$said" | tr '\n' ' '
    echo
  fi
done

crash >/dev/null 2>&1
# A process of the server may still be writing.
for _ in 1 2 3 4 5; do
  rm -rf "$folder" && break
  sleep 0.2
done
