using Xunit;

namespace CdfProvisioning.Tests;

public sealed class PublicTextTests
{
    [Theory]
    [InlineData("Thing 'a' does not exist.", "Thing 'a' does not exist.")]
    [InlineData("There is no template 'x' (/srv/cdf/buckets/x.json). Get-CdfTemplate lists those there are; Set-CdfTemplate -TemplateId x -Path <file> adds one.", "There is no template 'x'.")]
    [InlineData("The CA 'c' (01) is not registered: register it first (New-CdfCertificateAuthority, or RegisterCACertificate).", "The CA 'c' (01) is not registered: register it first (RegisterCACertificate).")]
    [InlineData("The private key of CA 1 is not here, so it cannot sign: New-CdfCertificateAuthority makes a CA with its key, or imports one.", "The private key of CA 1 is not here, so it cannot sign.")]
    [InlineData("It needs 'caId': the CA that signs (Get-CdfCertificateAuthority lists them).", "It needs 'caId': the CA that signs.")]
    [InlineData("Resume-CdfBulkRegistration -TaskId 1 goes on with it.", "")]
    [InlineData("The registry '/home/me/registry.db' cannot be read (disk). Check it.", "The registry cannot be read (disk). Check it.")]
    [InlineData(@"The CA key file 'C:\\keys\\a.pem' cannot be read: Denied.", "The CA key file cannot be read: Denied.")]
    [InlineData("Parameter /app/db not found.", "Parameter /app/db not found.")]
    public void Clients_are_told_of_no_cmdlet_and_no_folder_of_the_server(string message, string expected) => Assert.Equal(expected, PublicText.Of(message));
}
