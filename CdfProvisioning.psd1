@{
    RootModule           = 'module/CdfProvisioning.psm1'
    RequiredAssemblies   = 'module/bin/CdfProvisioning.Loader.dll'
    ModuleVersion        = '1.0.0'
    GUID                 = '5e0b5a0e-6c8b-4f7e-9a51-6f2b8c1d7a34'
    Author               = 'The CdfProvisioning authors'
    Copyright            = '(c) 2026 The CdfProvisioning authors'
    Description          = 'Provisions devices into a registry that speaks AWS IoT, one or a million: things, certificates, policies and groups, from a provisioning template.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = 'Core'
    FormatsToProcess     = 'module/CdfProvisioning.Format.ps1xml'
    TypesToProcess       = 'module/CdfProvisioning.Types.ps1xml'
    # One list, not @( ) around lines, each of which PowerShell would compile by itself.
    CmdletsToExport      = 'Connect-Cdf', 'Disconnect-Cdf', 'Get-CdfConnection',
        'New-CdfThing', 'Get-CdfThing', 'Remove-CdfThing', 'Set-CdfThingCertificateStatus',
        'Start-CdfBulkRegistration', 'Get-CdfBulkRegistration', 'Wait-CdfBulkRegistration',
        'Stop-CdfBulkRegistration', 'Resume-CdfBulkRegistration', 'Remove-CdfBulkRegistration', 'Get-CdfBulkRegistrationResult',
        'Compare-CdfList', 'Sync-CdfList',
        'Start-CdfCertificateRotation', 'Get-CdfCertificateRotation', 'Complete-CdfCertificateRotation', 'Undo-CdfCertificateRotation',
        'Get-CdfTemplate', 'Set-CdfTemplate', 'Remove-CdfTemplate', 'Test-CdfTemplate',
        'Set-CdfTemplateAssignment', 'Get-CdfTemplateAssignment', 'Remove-CdfTemplateAssignment', 'Resolve-CdfTemplate',
        'New-CdfPolicy', 'Get-CdfPolicy', 'Remove-CdfPolicy', 'Test-CdfPolicy',
        'New-CdfThingType', 'Get-CdfThingType', 'Remove-CdfThingType',
        'New-CdfThingGroup', 'Get-CdfThingGroup', 'Remove-CdfThingGroup',
        'Get-CdfCertificate', 'Set-CdfCertificate', 'Remove-CdfCertificate', 'New-CdfCertificate', 'Import-CdfCertificate', 'Export-CdfSigningRequest',
        'New-CdfBillingGroup', 'Get-CdfBillingGroup', 'Remove-CdfBillingGroup',
        'Set-CdfThing', 'Set-CdfPolicy', 'Add-CdfThingGroupMember', 'Remove-CdfThingGroupMember',
        'Export-CdfReport',
        'Import-CdfManifest', 'Export-CdfBundle',
        'Export-CdfKey', 'Unprotect-CdfKeyFile',
        'Start-CdfServer', 'Get-CdfServer', 'Stop-CdfServer', 'Export-CdfRootCertificate',
        'New-CdfCertificateAuthority', 'Get-CdfCertificateAuthority', 'Set-CdfCertificateAuthority', 'Remove-CdfCertificateAuthority',
        'New-CdfProvisioningTemplate', 'Get-CdfProvisioningTemplate', 'Set-CdfProvisioningTemplate', 'Remove-CdfProvisioningTemplate',
        'New-CdfProvisioningClaim', 'Test-CdfConnection'
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = @'
1.0.0
- Devices one at a time and in lists, against AWS IoT or an embedded registry; CDF's template extensions; the REST API of CDF
  Provisioning and AWS's own protocol, served from PowerShell.
- Names without case, lists as Excel and SQL clients write them, jobs, -Connection, and errors that scripts see.
'@
            Tags         = 'AWS', 'IoT', 'Provisioning', 'Certificates', 'CDF', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS'
        }
    }
}
