# What the scripts of this folder have in common; read by them, never run. They use the aws CLI with the credentials and the Region of
# the environment (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL …).
set -euo pipefail
export AWS_PAGER=""

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
infra=$root/infra
out=${OUT:-$root/target/rollout}
# Which part of the product, and the stack that it is.
part=${PART:-hub}
case $part in
  hub) stack=${STACK:-drawbridge} ;;
  management) stack=${STACK:-drawbridge-management} ;;
  stackset) stack=${STACK:-drawbridge-member-stack-set} ;;
  *) echo "PART has to be hub, management or stackset" >&2; exit 2 ;;
esac

say() { echo "$*" >&2; }

fail() { say "$*"; exit 1; }

needs() {
  local name
  for name in "$@"; do [[ -n ${!name:-} ]] || fail "$name is missing: $(basename "$0") needs $*"; done
}

# Asks a person; YES=1 has said so already.
agreed() {
  local answer=""
  [[ ${YES:-} == 1 ]] && return
  read -r -p "$1 [y/N] " answer || true
  [[ $answer == [yY] ]]
}

output() { # of the stack
  aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}
