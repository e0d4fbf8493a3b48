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
    [InlineData("The key folder cannot be used: Could not find a part of the path '/srv/cdf/undelivered-keys/t-1.pem'. Make room.", "The key folder cannot be used: Could not find a part of the path. Make room.")]
    [InlineData("The template file '/srv/t.json' cannot be read: Access to the path '/srv/t.json' is denied.", "The template file cannot be read: Access to the path is denied.")]
    [InlineData("The key folder cannot be used: Access to '/srv/keys/a.pem' is denied.", "The key folder cannot be used: Access is denied.")]
    [InlineData("The key folder cannot be used: '/srv/keys/a.pem': Too many open files. Make room.", "The key folder cannot be used: Too many open files. Make room.")]
    [InlineData("The object's file cannot be written: No space left on device : '/srv/cdf/buckets/.s3/unfinished/1'. Make room.", "The object's file cannot be written: No space left on device. Make room.")]
    [InlineData("The key folder cannot be used: '/srv/keys/a.pem' is no regular file.", "The key folder cannot be used: It is no regular file.")]
    [InlineData("No template is assigned to '/europe/ulm'.", "No template is assigned to '/europe/ulm'.")]
    [InlineData("Parameter /app/db not found.", "Parameter /app/db not found.")]
    public void Clients_are_told_of_no_cmdlet_and_no_folder_of_the_server(string message, string expected) => Assert.Equal(expected, PublicText.Of(message));
}
