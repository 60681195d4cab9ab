# Runs the image by the words of docs/operating.md and of the Dockerfile.
source tools/deploy/common.sh
source tools/deploy/docker.sh
ip link set lo up
documented 'In a container' | grep --invert-match '^docker build' > "$folder/documented.sh"
bill=$(sed --quiet 's/^# \(docker .* bill .*\)/\1/p' Dockerfile)
state() { docker inspect "$id" --format "{{.State.$1}}"; }
is() { [[ $(state "$1") == "$2" ]]; }

mkdir "$folder/data"
cd "$folder/data"
printf '14:02:03 ADA Start\n14:02:05 BOB End\n14:02:34 ADA End\n' > app.log
echo 'store: { path: daybook.db }' > daybook.yaml
check 'it bills a log of a folder' diff <(printf 'ADA 1 31\nBOB 1 2\n') <(eval "$bill")
check 'it bills standard input' diff <(printf 'ADA 1 31\nBOB 1 2\n') <(docker run --rm -i daybook bill < app.log)
check 'it does not answer others without a key' exits 2 docker run --rm --volume "$PWD/daybook.yaml:/data/daybook.yaml:ro" daybook

source "$folder/documented.sh" > said
key=$(head -n 1 said)
id=$(tail -n 1 said)
check 'it is ready' soon ready
check 'its health is well' docker healthcheck run "$id"
check 'it is not run by root' docker exec "$id" bash -c '[[ $(id --user) == 1000 ]]'
check 'it takes an event' post 1
kill -KILL "$(state Pid)"
check 'it starts again after it was killed, and knows the event' soon counted 1
check 'it stops' docker stop "$id"
check 'by itself, and its exit code is 0' is ExitCode 0
docker start "$id" > /dev/null
check 'it knows the event after that, too' soon counted 1
docker rm --force "$id" > /dev/null
