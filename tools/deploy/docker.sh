# podman, by the words of docker, in folders of its own.
export CONTAINERS_CONF=$folder/containers.conf
docker() {
  local command=$1
  shift
  # The build asks the registry of npm.
  [[ $command != build ]] || set -- --format docker --network host --pull-never "$@"
  podman --log-level fatal --root "$folder/images" --runroot "$folder/run" --tmpdir "$folder/tmp" \
    --runtime runc --cgroup-manager cgroupfs --events-backend file "$command" "$@"
}
