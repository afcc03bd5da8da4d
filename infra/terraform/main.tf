# The stack set of infra/member.yaml for those who keep their Organization in Terraform: what infra/stackset.yaml makes. Take either.
# Run it in the management account, or in that of a delegated administrator with call_as = "DELEGATED_ADMIN".

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

resource "aws_cloudformation_stack_set" "members" {
  name             = var.name
  description      = "Drawbridge in the members of the Organization."
  template_url     = var.template_url
  permission_model = "SERVICE_MANAGED"
  call_as          = var.call_as
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  parameters       = var.member
  tags             = { "drawbridge:owner" = "drawbridge" }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = var.retain_stacks_on_account_removal
  }

  managed_execution {
    active = true
  }

  operation_preferences {
    region_concurrency_type      = "PARALLEL"
    failure_tolerance_percentage = var.failure_tolerance_percentage
    max_concurrent_percentage    = var.max_concurrent_percentage
  }

  lifecycle {
    # A service-managed stack set has roles of its own; the provider reads one back all the same.
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_set_instance" "members" {
  for_each = toset(var.regions)

  stack_set_name            = aws_cloudformation_stack_set.members.name
  call_as                   = var.call_as
  stack_set_instance_region = each.value

  deployment_targets {
    organizational_unit_ids = var.organizational_units
  }
}
