variable "template_url" {
  description = "Where member.yaml lies in S3. It is larger than what a template can hold."
  type        = string
}

variable "organizational_units" {
  description = "Organizational units whose accounts get a stack, those of units below included. Or the root, for all."
  type        = list(string)

  validation {
    condition     = length(var.organizational_units) > 0
    error_message = "A stack set without units reaches nobody."
  }
}

variable "regions" {
  description = "Regions that get a stack in each account: those with services and endpoints, the hub's, and us-east-1."
  type        = list(string)

  validation {
    condition     = length(var.regions) > 0
    error_message = "A stack set without Regions reaches nobody."
  }
}

variable "name" {
  description = "Another name for each further set of units."
  type        = string
  default     = "drawbridge-member"
}

variable "call_as" {
  description = "SELF in the management account, DELEGATED_ADMIN in that of a delegated administrator of StackSets."
  type        = string
  default     = "SELF"
}

variable "retain_stacks_on_account_removal" {
  description = "Whether an account that leaves the units keeps its stack."
  type        = bool
  default     = false
}

variable "failure_tolerance_percentage" {
  description = "Accounts of each Region that may fail before the rest is left as it was."
  type        = number
  default     = 10
}

variable "max_concurrent_percentage" {
  description = "Accounts that are changed at a time. Terraform keeps to the tolerance: that many and one more are the most."
  type        = number
  default     = 10
}

# The parameters of infra/member.yaml by their own names; CloudFormation refuses what its patterns don't take.
variable "member" {
  description = "Parameters of member.yaml: infra/README.md explains them."
  type = object({
    HubAccountId           = string
    HubRegion              = string
    OrganizationId         = string
    ProviderRole           = optional(string, "no")
    ConsumerRole           = optional(string, "no")
    DnsRole                = optional(string, "no")
    Forwarding             = optional(string, "yes")
    ServiceSelection       = optional(string, "tagged")
    ManagePrincipals       = optional(string, "no")
    VerifyDomains          = optional(string, "no")
    PrivateNames           = optional(string, "none")
    WriteZones             = optional(string, "no")
    WriteProfiles          = optional(string, "no")
    WriteTags              = optional(string, "no")
    TagKeys                = optional(string, "")
    WriteAlarms            = optional(string, "no")
    WriteCloudMap          = optional(string, "no")
    WriteTargets           = optional(string, "no")
    ObservabilitySink      = optional(string, "")
    ExternalId             = optional(string, "")
    PermissionsBoundaryArn = optional(string, "")
  })
}
